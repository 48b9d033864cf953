package dev.sluice.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A job to be made.
///
/// @param patience how long it waits for its client before it fails
public record NewJob(
        JobId id,
        Kind kind,
        String name,
        Owner owner,
        @Nullable BatchId batch,
        StagePlan stages,
        Record spec,
        @Nullable Long totalBytes,
        Duration patience) {}
