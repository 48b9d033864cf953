package dev.sluice.core;

import org.jspecify.annotations.Nullable;

/// Which jobs to list, newest first.
///
/// @param text part of a job's name, whatever its case
/// @param after the `next` of the page before
public record JobQuery(
        @Nullable Kind kind,
        @Nullable JobState state,
        @Nullable BatchId batch,
        @Nullable Owner owner,
        @Nullable String text,
        int limit,
        @Nullable String after) {

    public static final JobQuery ALL = new JobQuery(null, null, null, null, null, 100, null);
}
