package dev.sluice.core;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// The states of a job and the ways between them. `COMPLETED` and `CANCELLED` are final; `FAILED` ends a job
/// until somebody retries it.
public enum JobState {
    /// Waits: for its client, for a place, or for its next attempt.
    PENDING,
    RUNNING,
    /// Stopped by a person, to be resumed by one.
    PAUSED,
    COMPLETED,
    FAILED,
    CANCELLED;

    /// The state as it stands in documents, events and stores: `running`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean ended() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }

    /// The states that a job in this one may change into.
    public Set<JobState> next() {
        return switch (this) {
            case PENDING -> EnumSet.of(RUNNING, PAUSED, CANCELLED, FAILED);
            case RUNNING -> EnumSet.of(PENDING, PAUSED, COMPLETED, FAILED, CANCELLED);
            case PAUSED -> EnumSet.of(PENDING, CANCELLED, FAILED);
            case FAILED -> EnumSet.of(PENDING);
            case COMPLETED, CANCELLED -> EnumSet.noneOf(JobState.class);
        };
    }
}
