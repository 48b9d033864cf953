package dev.sluice.storage;

/// What a committed object survives.
public enum Durability {
    /// A power cut: file and folder are synced before a commit, a take-back or a discard returns.
    POWER,
    /// The death of this process: the kernel writes the bytes out in its own time, as after `cp`.
    PROCESS
}
