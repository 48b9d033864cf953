package dev.sluice.upload;

import dev.sluice.core.JobId;
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
}
