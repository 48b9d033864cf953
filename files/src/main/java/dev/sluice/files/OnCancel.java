package dev.sluice.files;

import java.util.Locale;

/// What a cancel does with files that are finished; unfinished ones always go.
public enum OnCancel {
    KEEP,
    ROLLBACK;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
