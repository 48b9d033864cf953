package dev.sluice.csv;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files that may be CSV: each is surveyed and read to its end, or refused as the client's fault. For `dev/fuzz`.
public final class CsvFuzz {
    private static final Path FILE = file();

    private CsvFuzz() {}

    private static Path file() {
        try {
            Path file = Files.createTempFile("sluice-fuzz", ".csv");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] bytes) {
        try {
            Files.write(FILE, bytes);
            Survey survey = new Surveyor().survey(FILE, Overrides.NONE, new StopToken(), read -> {});
            try (var reader = CsvReader.open(FILE, survey, new StopToken(), read -> {})) {
                for (CsvRow row = reader.next(); row != null; row = reader.next()) {
                    if (reader.offset() > bytes.length || row.line() < 1) {
                        throw new AssertionError("a row beyond the file");
                    }
                    reader.raw();
                }
            }
        } catch (ProblemException e) {
            if (e.code().blame() != ErrorCode.Blame.USER) {
                throw new AssertionError(e.problem().message(), e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
