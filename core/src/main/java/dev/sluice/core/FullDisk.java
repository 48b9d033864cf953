package dev.sluice.core;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// Whether a disk has no room left, by the words of its system: the JDK keeps no error numbers. `./sluice` has them
/// said in English.
public final class FullDisk {
    private static final List<String> WORDS =
            List.of("no space left", "quota exceeded", "not enough space on the disk");

    private FullDisk() {}

    public static boolean isMeantBy(IOException e) {
        String said = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return WORDS.stream().anyMatch(said::contains);
    }

    /// What to tell of a failure of the disk that this node works on.
    public static ErrorCode code(IOException e) {
        return isMeantBy(e) ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL;
    }
}
