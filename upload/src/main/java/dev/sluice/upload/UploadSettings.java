package dev.sluice.upload;

import java.time.Duration;
import java.util.Set;

/// What uploads may be, and how long they wait.
///
/// @param maxSize of one file, in bytes
/// @param maxFiles of one batch
/// @param blockedExtensions in lower case, without their dot
/// @param blockedTypes media types in lower case
/// @param lostPatience how long an upload waits for a client that cannot resume
/// @param patience how long one waits for a client that can, or that has not begun
public record UploadSettings(
        long maxSize,
        int maxFiles,
        Set<String> blockedExtensions,
        Set<String> blockedTypes,
        Duration lostPatience,
        Duration patience) {
    public UploadSettings {
        blockedExtensions = Set.copyOf(blockedExtensions);
        blockedTypes = Set.copyOf(blockedTypes);
    }
}
