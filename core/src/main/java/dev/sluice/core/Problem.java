package dev.sluice.core;

import java.util.Map;

/// What went wrong, as data: a stable code, and a message that says what happened to which thing and what to
/// do.
///
/// @param details further members for machines, such as `missing_bytes`
public record Problem(ErrorCode code, String message, Map<String, Object> details) {
    public Problem {
        details = Map.copyOf(details);
    }

    public Problem(ErrorCode code, String message) {
        this(code, message, Map.of());
    }

    public boolean retryable() {
        return code.retryable();
    }
}
