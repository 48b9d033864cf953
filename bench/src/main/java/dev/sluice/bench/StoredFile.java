package dev.sluice.bench;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;

/// A file that a server has stored.
final class StoredFile {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private StoredFile() {}

    /// Fails the run where a server has stored other bytes than were sent.
    static void requireSame(Cargo sent, Path file, long size) {
        if (!sent.fills(file, size)) {
            throw new BenchException(file + " is not what was sent");
        }
    }

    /// Waits until it has been deleted.
    static void awaitGone(Path file) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (System.nanoTime() > until) {
                throw new BenchException(file + " does not go away");
            }
            Pause.millis(2);
        }
    }
}
