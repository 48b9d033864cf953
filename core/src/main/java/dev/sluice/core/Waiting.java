package dev.sluice.core;

/// What a pending job waits for.
public enum Waiting {
    /// For the client that brings its bytes.
    CLIENT,
    /// For the moment of its next attempt.
    RETRY
}
