package dev.sluice.core;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A group of jobs. Its state follows from its jobs.
///
/// @param sealed whether no job joins any more
/// @param cancelledCount how many jobs the cancel of the whole batch stopped
public record Batch(
        BatchId id,
        Owner owner,
        Kind kind,
        boolean sealed,
        Instant created,
        @Nullable Instant cancelledAt,
        int cancelledCount,
        Counts counts) {

    /// How many of the batch's jobs are in each condition.
    ///
    /// @param begun jobs that have ever run
    public record Counts(int total, int begun, int completed, int failed, int cancelled) {
        public int ended() {
            return completed + failed + cancelled;
        }
    }

    public enum State {
        PENDING,
        PROCESSING,
        COMPLETED,
        FAILED,
        CANCELLED;

        /// The state as it stands in documents: `processing`.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public State state() {
        if (cancelledAt != null || (counts.total() > 0 && counts.cancelled() == counts.total())) {
            return State.CANCELLED;
        }
        if (counts.begun() == 0 && counts.ended() == 0) {
            return State.PENDING;
        }
        if (!sealed || counts.ended() < counts.total()) {
            return State.PROCESSING;
        }
        return counts.failed() > 0 ? State.FAILED : State.COMPLETED;
    }
}
