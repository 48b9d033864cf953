package dev.sluice.files;

import dev.sluice.core.Problem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How far a step has come, by its journal.
///
/// @param took from its begin to its end, as far as it was this step's alone
/// @param hash of the source's bytes, where they were verified
/// @param error why it failed or was skipped
record Mark(
        Phase phase,
        Duration took,
        @Nullable String hash,
        @Nullable Problem error) {
    static final Mark PLANNED = new Mark(Phase.PLANNED, Duration.ZERO, null, null);

    enum Phase {
        PLANNED,
        /// Its target may appear from now on.
        BEGUN,
        /// Its target is there; for a move by copy the source is, too.
        DONE,
        /// Its source may vanish from now on.
        LEAVING,
        /// Its source is gone, as it is to be.
        LEFT,
        FAILED,
        /// Its target is there, and its source, which was to go, too.
        STAYED,
        /// Nothing was done, on purpose.
        SKIPPED,
        /// What it did has been undone.
        TAKEN_BACK
    }

    static Mark begun(@Nullable String hash) {
        return new Mark(Phase.BEGUN, Duration.ZERO, hash, null);
    }

    Mark at(Phase next) {
        return new Mark(next, took, hash, error);
    }

    /// What did not come to be has no hash.
    Mark because(Phase next, Problem why) {
        return new Mark(next, took, next == Phase.STAYED ? hash : null, why);
    }

    /// Whether what was asked for did not come to be.
    boolean isFailed() {
        return phase == Phase.FAILED || phase == Phase.STAYED;
    }

    boolean isDone() {
        return phase == Phase.DONE || phase == Phase.LEAVING || phase == Phase.LEFT;
    }

    boolean isOver() {
        return isDone() || isFailed() || phase == Phase.SKIPPED || phase == Phase.TAKEN_BACK;
    }
}
