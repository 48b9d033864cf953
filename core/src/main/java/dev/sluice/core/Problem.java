package dev.sluice.core;

import java.time.Duration;
import java.util.Map;

/// What went wrong, as data: a stable code, and a message that says what happened to which thing and what to
/// do.
///
/// @param details further members for machines, such as `missing_bytes`
public record Problem(ErrorCode code, String message, Map<String, Object> details) {
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    public Problem {
        details = Map.copyOf(details);
    }

    public Problem(ErrorCode code, String message) {
        this(code, message, Map.of());
    }

    /// The member of [#details] that says after how many seconds trying again may help, a [Number].
    public static final String RETRY_AFTER = "retry_after";

    /// How long to wait at least before trying again, by whoever knows.
    Duration retryAfter() {
        return details.get(RETRY_AFTER) instanceof Number seconds
                ? Duration.ofSeconds(Math.clamp(seconds.longValue(), 0, LONGEST_WAIT.toSeconds()))
                : Duration.ZERO;
    }

    public boolean retryable() {
        return code.retryable();
    }
}
