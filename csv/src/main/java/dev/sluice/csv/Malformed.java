package dev.sluice.csv;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The problems of files that are no table: `reason` and `line` among their details say which and where.
final class Malformed {
    private Malformed() {}

    /// @param line from 1; 0: the whole file
    static ProblemException because(String reason, long line, String message) {
        return because(reason, line, message, null);
    }

    static ProblemException because(String reason, long line, String message, @Nullable Throwable cause) {
        Map<String, Object> details = line == 0 ? Map.of("reason", reason) : Map.of("reason", reason, "line", line);
        return new ProblemException(new Problem(ErrorCode.MALFORMED, message, details), cause);
    }

    /// @param line where the quote was opened
    static ProblemException unclosed(long line, @Nullable Throwable cause) {
        return because(
                "unclosed_quote",
                line,
                "the quote that is opened in line " + line
                        + " is not closed; correct that line, or say that the file has no quotes",
                cause);
    }
}
