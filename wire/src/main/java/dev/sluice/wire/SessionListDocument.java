package dev.sluice.wire;

import java.time.Instant;
import java.util.List;

/// The sessions of a user, newest first.
public record SessionListDocument(List<Session> sessions) {
    public SessionListDocument {
        sessions = List.copyOf(sessions);
    }

    /// @param address where it was begun
    /// @param current whether it is the one that asks
    public record Session(String id, String address, Instant created, Instant expires, boolean current) {}
}
