package dev.sluice.storage;

/// What must hold for a commit to go through.
public enum Precondition {
    /// Nothing stands at the target.
    ABSENT,
    /// Whatever stands there is replaced, at once and as a whole.
    ANY
}
