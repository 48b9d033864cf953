package dev.sluice.core;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A job to be made.
///
/// @param patience how long it waits for its client before it fails
/// @param runs whether a [JobRunner] works on it; else it waits for its client
/// @param node whose request brings it and claims it at once; null where any client may come. Should that node be
///     lost before, so is the job
/// @param notBefore when it may begin; null: at once
public record NewJob(
        JobId id,
        Kind kind,
        String name,
        Owner owner,
        @Nullable BatchId batch,
        StagePlan stages,
        Record spec,
        @Nullable Long totalBytes,
        Duration patience,
        boolean runs,
        @Nullable NodeId node,
        @Nullable Instant notBefore) {

    /// One that may begin at once.
    public NewJob(
            JobId id,
            Kind kind,
            String name,
            Owner owner,
            @Nullable BatchId batch,
            StagePlan stages,
            Record spec,
            @Nullable Long totalBytes,
            Duration patience,
            boolean runs,
            @Nullable NodeId node) {
        this(id, kind, name, owner, batch, stages, spec, totalBytes, patience, runs, node, null);
    }
}
