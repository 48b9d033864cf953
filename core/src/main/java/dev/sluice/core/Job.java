package dev.sluice.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A job as the store holds it at one moment.
///
/// @param spec what the job is to do, a record of its kind
/// @param facts what was found out on the way, a record of its kind
/// @param bytes what was done when it was last recorded; a running job's [Progress] is ahead of it
/// @param percent how far it has been seen at most, whatever has to be done again: what is shown is never less
/// @param attempt 1 for the first
/// @param fence the fencing number: whoever writes with a smaller one has lost the job
/// @param patienceMillis how long the job waits for its client before it fails
/// @param expires when a waiting job fails, unless something happens
/// @param rank where it stands among those that wait for a place: the smaller goes first
/// @param seq the number of the job's last event
public record Job(
        JobId id,
        Kind kind,
        String name,
        Owner owner,
        @Nullable BatchId batch,
        JobState state,
        @Nullable Waiting waiting,
        StagePlan stages,
        Document spec,
        Document facts,
        @Nullable Document checkpoint,
        long bytes,
        @Nullable Long totalBytes,
        double percent,
        int attempt,
        @Nullable Instant notBefore,
        @Nullable NodeId node,
        long fence,
        long patienceMillis,
        @Nullable Instant expires,
        @Nullable Problem error,
        @Nullable CancelSource cancelledBy,
        @Nullable CancelReceipt receipt,
        long rank,
        Instant created,
        @Nullable Instant started,
        @Nullable Instant ended,
        long seq) {

    /// A job's first rank is its time in microseconds, times this: between two there is room for others.
    public static final int RANKS_PER_MICRO = 1024;

    /// Whether it has ever run: from then on the old front ends never see it as pending again.
    public boolean everRan() {
        return started != null;
    }
}
