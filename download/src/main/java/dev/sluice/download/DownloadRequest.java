package dev.sluice.download;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What somebody wants to have.
///
/// @param url of a file or of a page that shows one; may hold a name and a password
/// @param quality of what a page shows, as `best`, `worst`, `1080p`, `audio`; null: the best
/// @param format the container or audio format of what a page shows, as `mp4`, `webm`, `mp3`; null: as it is there
/// @param subtitles whether those of what a page shows are put into the file
/// @param maxDuration how many seconds of a live stream are recorded; null: such is refused
/// @param playlist whether each entry of a list becomes a job of its own
/// @param storage its name or kind, or null for the default
/// @param name what the file is to be called; null: as its server or its page calls it
/// @param checksum as `sha256:` and hexadecimal digits; `sha512`, `sha1` and `md5` are known too
/// @param notBefore when it may begin; null: as soon as there is a place
public record DownloadRequest(
        String url,
        @Nullable String quality,
        @Nullable String format,
        boolean subtitles,
        @Nullable Integer maxDuration,
        boolean playlist,
        @Nullable String storage,
        @Nullable String name,
        @Nullable String checksum,
        @Nullable Instant notBefore) {

    /// A file, as it is.
    public static DownloadRequest of(String url) {
        return new DownloadRequest(url, null, null, false, null, false, null, null, null, null);
    }
}
