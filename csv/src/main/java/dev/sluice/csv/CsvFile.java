package dev.sluice.csv;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What goes wrong with a file itself.
final class CsvFile {
    private CsvFile() {}

    static ProblemException unreadable(Path file, UncheckedIOException why) {
        return unreadable(file, why.getCause() == null ? new IOException(why) : why.getCause());
    }

    static ProblemException unreadable(Path file, IOException why) {
        return why instanceof NoSuchFileException
                ? new ProblemException(ErrorCode.NOT_FOUND, file.getFileName() + " is not there", why)
                : new ProblemException(ErrorCode.INTERNAL, file.getFileName() + " cannot be read: " + why, why);
    }
}
