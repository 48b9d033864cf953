package dev.sluice.app;

/// Who may use a server.
public enum AuthMode {
    /// Whoever reaches it: on addresses that only this machine has.
    LOCAL,
    /// Those who log in.
    ACCOUNTS
}
