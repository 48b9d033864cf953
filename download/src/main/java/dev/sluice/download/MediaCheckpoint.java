package dev.sluice.download;

import org.jspecify.annotations.Nullable;

/// Where the work on a page goes on.
///
/// @param file what is whole of it, a name in the job's folder; null while nothing is
/// @param name under which that is stored
/// @param size of it
/// @param made how many entries of a list are jobs
/// @param recorded how much there is of a live stream; null: it is none
record MediaCheckpoint(
        @Nullable String file,
        @Nullable String name,
        long size,
        int made,
        @Nullable Recorded recorded) {

    static MediaCheckpoint fetched(String file, String name, long size) {
        return new MediaCheckpoint(file, name, size, 0, null);
    }

    static MediaCheckpoint expanded(int made) {
        return new MediaCheckpoint(null, null, 0, made, null);
    }

    static MediaCheckpoint recorded(Recorded recorded) {
        return new MediaCheckpoint(null, null, 0, 0, recorded);
    }
}
