package dev.sluice.bench;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// A run that cannot go on; the message says why, and what to do.
final class BenchException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    BenchException(String message) {
        super(message);
    }

    BenchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
