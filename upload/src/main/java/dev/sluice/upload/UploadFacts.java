package dev.sluice.upload;

import dev.sluice.storage.ObjectRef;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What is known of an upload that has completed.
///
/// @param storage the name of the storage that holds it
/// @param key its name there
/// @param crc32 of its bytes, eight hexadecimal digits
/// @param stamp of its [ObjectRef]
public record UploadFacts(
        String storage,
        String key,
        long size,
        String crc32,
        @Nullable String stamp) {
    UploadFacts(String storage, ObjectRef ref, long crc32) {
        this(storage, ref.key(), ref.size(), String.format(Locale.ROOT, "%08x", crc32), ref.stamp());
    }

    public ObjectRef ref() {
        return new ObjectRef(key, size, stamp);
    }

    /// The CRC-32 as a number.
    public long crc() {
        return Long.parseLong(crc32, 16);
    }
}
