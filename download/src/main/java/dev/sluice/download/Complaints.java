package dev.sluice.download;

import java.io.IOException;
import java.io.InputStream;

/// What a process says on its error output: read as it comes, since a full pipe would stop it, and the errors kept.
final class Complaints {
    private static final int LONGEST_LINE = 4096;
    private static final int MOST = 64 << 10;

    private final StringBuilder errors = new StringBuilder();
    private final Thread reader;

    private Complaints(InputStream in) {
        reader = Thread.ofPlatform().daemon().name("complaints").start(() -> read(in));
    }

    static Complaints of(Process process) {
        return new Complaints(process.getErrorStream());
    }

    private void read(InputStream in) {
        try (in) {
            new BoundedLines(in, LONGEST_LINE).forEach(line -> {
                if (!line.startsWith("WARNING:") && errors.length() + line.length() < MOST) {
                    errors.append(line).append('\n');
                }
                return true;
            });
        } catch (IOException e) {
            errors.append("what it complained of could not be read: ").append(e.getMessage());
        }
    }

    /// All of it, once the process has ended.
    String text() {
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
        return errors.toString();
    }
}
