package dev.sluice.fakes;

/// What becomes of the bytes that arrive.
public enum Keep {
    MEMORY,
    /// In a temporary folder, which goes with the fake.
    DISK,
    /// Counted and digested; they cannot be read again.
    DIGEST,
    /// Counted only: objects have no checksum and cannot be read again.
    NOTHING
}
