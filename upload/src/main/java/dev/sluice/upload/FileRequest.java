package dev.sluice.upload;

import dev.sluice.core.JobId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file that a client wants to upload.
///
/// @param size in bytes, or null where only the end will tell
/// @param storage a storage's name or kind, or null for the default
public record FileRequest(
        String filename,
        @Nullable Long size,
        String contentType,
        @Nullable String storage) {

    /// The same, called as its job where the client has no name for it.
    FileRequest called(JobId id) {
        return filename.isBlank() ? new FileRequest(id.value(), size, contentType, storage) : this;
    }

    /// By which a submission is known again under its idempotency key.
    static String fingerprint(List<FileRequest> files, boolean asBatch) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest((asBatch + " " + files).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
