package dev.sluice.files;

import dev.sluice.core.JobId;
import java.nio.file.Path;

/// How that is called which an operation makes on its way: hidden, beside the target, the same after a restart, and
/// without the file's own name, which may be as long as names can be.
record Temps(JobId job) {
    private static final String PREFIX = ".sluice-";

    /// Where a target's bytes lie until they are whole.
    Path part(Step step) {
        return beside(step.target(), step.number(), ".part");
    }

    /// Where a file waits while others take part in a circle of new names.
    Path parked(Path source, int number) {
        return beside(source, number, ".parked");
    }

    /// Where the old file lies that a target has taken the place of, for as long as it may come back.
    Path old(Step step) {
        return beside(step.target(), step.number(), ".old");
    }

    private Path beside(Path file, int number, String suffix) {
        return file.resolveSibling(PREFIX + job + "-" + number + suffix);
    }

    /// Whether a name is one of these, of whatever operation.
    static boolean isOne(Path name) {
        String text = name.toString();
        return text.startsWith(PREFIX) && (text.endsWith(".part") || text.endsWith(".parked") || text.endsWith(".old"));
    }
}
