package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.RetryAfter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;

/// What it means when a server does not give the file.
final class Refusals {
    /// The member of a problem's details that says what a server has answered, a number.
    private static final String STATUS = "status";

    private Refusals() {}

    /// Whether it was a server's answer that it does not give the file.
    static boolean isOne(Exception thrown) {
        return thrown instanceof ProblemException refused
                && refused.problem().details().containsKey(STATUS);
    }

    /// How long the server asks to be left alone.
    static Duration wait(Exception thrown) {
        return thrown instanceof ProblemException refused
                        && refused.problem().details().get(Problem.RETRY_AFTER) instanceof Number seconds
                ? Duration.ofSeconds(seconds.longValue())
                : Duration.ZERO;
    }

    static ProblemException of(Target target, Reply reply) {
        int status = reply.status();
        ErrorCode code = switch (status) {
            case 404, 410 -> ErrorCode.UPSTREAM_NOT_FOUND;
            case 429 -> ErrorCode.UPSTREAM_THROTTLED;
            case 408, 425 -> ErrorCode.UPSTREAM_UNAVAILABLE;
            default -> status >= 500 ? ErrorCode.UPSTREAM_UNAVAILABLE : ErrorCode.UPSTREAM_REFUSED;
        };
        var details = new HashMap<String, Object>(Map.of(STATUS, status));
        Duration wait = RetryAfter.of(reply.header(HttpHeader.RETRY_AFTER), Instant.now());
        if (wait != null) {
            details.put(Problem.RETRY_AFTER, wait.toSeconds());
        }
        return new ProblemException(
                code,
                target.host() + " answers " + status + " " + HttpStatus.getMessage(status) + " for " + target
                        + advice(status),
                details);
    }

    private static String advice(int status) {
        return switch (status) {
            case 401, 407 -> ": give name and password in the URL, as https://name:password@host/file";
            case 403 -> ": it does not give it to us";
            case 410 -> ": it is gone for good";
            default -> "";
        };
    }
}
