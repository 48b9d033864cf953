package dev.sluice.files;

import java.util.Locale;

/// What happens where there is a file under a target's name already.
public enum Policy {
    /// Nothing is touched, neither this file nor any other of the operation.
    FAIL,
    /// The old one stays, and so does the source.
    SKIP,
    /// The old one stays until the new one is whole, which then takes its place.
    OVERWRITE,
    /// As [#OVERWRITE] where the source was modified later, else as [#SKIP].
    NEWER,
    /// The new one gets a number: `name (1).ext`.
    RENAME;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean replaces() {
        return this == OVERWRITE || this == NEWER;
    }
}
