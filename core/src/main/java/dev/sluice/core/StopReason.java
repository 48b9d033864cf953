package dev.sluice.core;

/// Why a job's work is told to stop, and what it owes then.
public enum StopReason {
    /// The job is cancelled: hand on nothing more; what there is gets cleaned up.
    CANCELLED,
    /// A person paused it: save a checkpoint, keep the session, return.
    PAUSED,
    /// This node is going down: save a checkpoint, keep the session, return.
    DRAINING,
    /// Somebody else has the job now: touch nothing, not even to clean up.
    FENCED;

    /// Whether what there is is kept: a cancel may still follow.
    public boolean keeps() {
        return this == PAUSED || this == DRAINING;
    }
}
