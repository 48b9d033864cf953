package dev.sluice.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Since when the machine runs, as a word that no two boots share.
public final class Boot {
    private static final Path LINUX = Path.of("/proc/sys/kernel/random/boot_id");

    private Boot() {}

    /// Where nobody can tell, each call has another.
    public static String id() throws IOException {
        return Files.isReadable(LINUX) ? Files.readString(LINUX).strip() : "unknown-" + System.nanoTime();
    }
}
