package dev.sluice.files;

import java.util.Locale;

/// What an operation does with its files.
public enum Verb {
    COPY,
    MOVE,
    /// Gives new names, within a folder as a rule.
    RENAME;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
