package dev.sluice.upload;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.ObjectRef;
import java.util.Locale;
import java.util.Map;
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

    /// What is known of a completed upload.
    ///
    /// @throws ProblemException `conflict` (with `state`) where it has not completed
    public static UploadFacts of(Job job) {
        Uploads.requireUpload(job);
        if (job.state() != JobState.COMPLETED) {
            String state = job.state().word();
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "file " + job.id() + " is " + state + "; only a completed one can be read",
                    Map.of("state", state));
        }
        if (Uploads.spec(job).isPiece()) {
            throw new ProblemException(
                    ErrorCode.GONE, "upload " + job.id() + " was a piece of a file and is nothing by itself");
        }
        return job.facts().as(UploadFacts.class);
    }

    public ObjectRef ref() {
        return new ObjectRef(key, size, stamp);
    }

    /// The CRC-32 as a number.
    public long crc() {
        return Long.parseLong(crc32, 16);
    }
}
