package dev.sluice.download;

import java.io.IOException;
import java.io.InputStream;

/// What a process says on its error output: read as it comes, since a full pipe would stop it, and the errors kept.
final class Complaints {
    private static final int LONGEST_LINE = 4096;
    private static final int MOST = 64 << 10;

    private volatile boolean hole;
    private final StringBuilder errors = new StringBuilder();
    private final Thread reader;

    private Complaints(InputStream in, Runnable onHole) {
        reader = Thread.ofPlatform().daemon().name("complaints").start(() -> read(in, onHole));
    }

    /// @param onHole what is done as soon as it says that a piece of a stream is missing
    static Complaints of(Process process, Runnable onHole) {
        return new Complaints(process.getErrorStream(), onHole);
    }

    private void read(InputStream in, Runnable onHole) {
        try (in) {
            new BoundedLines(in, LONGEST_LINE).forEach(line -> {
                if (Complaint.isOfAHole(line)) {
                    hole = true;
                    onHole.run();
                }
                // What ffmpeg warns of leaves room for how it ended.
                int most = line.startsWith("ERROR:") ? MOST : MOST / 2;
                if (!line.startsWith("WARNING:") && errors.length() + line.length() < most) {
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
        return awaitEnd() ? errors.toString() : "";
    }

    /// Whether a piece of a stream is missing from what it has made, once the process has ended.
    boolean tellOfAHole() {
        return awaitEnd() && hole;
    }

    private boolean awaitEnd() {
        try {
            reader.join();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
