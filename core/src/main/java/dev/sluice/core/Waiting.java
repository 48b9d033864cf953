package dev.sluice.core;

import java.util.Locale;

/// What a pending job waits for.
public enum Waiting {
    /// For the client that brings its bytes.
    CLIENT,
    /// For a place among those that the server itself works on.
    SLOT,
    /// For the moment of its next attempt.
    RETRY;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
