package dev.sluice.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a running job is at one moment. What is unknown is null.
///
/// @param percent 0–100
/// @param bytes done so far
/// @param rate bytes per second, smoothed
/// @param eta seconds left, by the smoothed rate
/// @param current what it works on just now
public record Progress(
        JobId job,
        double percent,
        long bytes,
        @Nullable Long totalBytes,
        @Nullable Double rate,
        @Nullable Double eta,
        @Nullable Long items,
        @Nullable Long totalItems,
        @Nullable String current) {

    /// One point of a job's history.
    public record Sample(Instant at, double percent, long bytes, double rate) {}
}
