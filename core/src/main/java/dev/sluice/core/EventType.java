package dev.sluice.core;

import java.util.Locale;

/// What an event tells of a job. Progress is no event.
public enum EventType {
    CREATED,
    STARTED,
    STAGE,
    FACTS,
    NOTE,
    PAUSED,
    RESUMED,
    RETRYING,
    COMPLETED,
    FAILED,
    CANCELLED,
    /// Nothing is left of a job that was cancelled or failed.
    CLEANED,
    REMOVED;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
