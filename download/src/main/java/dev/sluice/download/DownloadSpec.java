package dev.sluice.download;

import org.jspecify.annotations.Nullable;

/// What a download is to fetch, as its job keeps it.
///
/// @param url without what could be secret in it: to be shown
/// @param sealed the whole URL, sealed, where it has something that is not shown
/// @param storage its name
/// @param maxDuration of a live stream, in seconds, or null
/// @param name as asked for, or null
public record DownloadSpec(
        String url,
        @Nullable String sealed,
        String host,
        String storage,
        @Nullable String quality,
        @Nullable String format,
        boolean subtitles,
        @Nullable Integer maxDuration,
        boolean playlist,
        @Nullable String name,
        @Nullable String checksum) {}
