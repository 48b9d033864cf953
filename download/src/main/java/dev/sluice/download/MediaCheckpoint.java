package dev.sluice.download;

import org.jspecify.annotations.Nullable;

/// Where the work on a page goes on.
///
/// @param file what yt-dlp has finished, a name in the job's folder; null while it has not
/// @param name under which that is stored
/// @param size of it
/// @param made how many entries of a list are jobs
record MediaCheckpoint(@Nullable String file, @Nullable String name, long size, int made) {

    static MediaCheckpoint fetched(String file, String name, long size) {
        return new MediaCheckpoint(file, name, size, 0);
    }

    static MediaCheckpoint expanded(int made) {
        return new MediaCheckpoint(null, null, 0, made);
    }
}
