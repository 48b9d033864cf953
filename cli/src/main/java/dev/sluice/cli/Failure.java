package dev.sluice.cli;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/// Ends the command with a message and an exit code; `code` is one of [ErrorCode], or what a server named.
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exit;
    private final String code;

    private Failure(int exit, String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exit = exit;
        this.code = code;
    }

    Failure(int exit, ErrorCode code, String message) {
        this(exit, code.code(), message, null);
    }

    Failure(int exit, ErrorCode code, String message, Throwable cause) {
        this(exit, code.code(), message, cause);
    }

    /// @param code as the server names it; one that is newer than we are is passed on
    static Failure told(int exit, String code, String message) {
        return new Failure(exit, code, message, null);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    int exit() {
        return exit;
    }

    String code() {
        return code;
    }

    /// Nobody has told us what went wrong but the command itself.
    static Failure usage(String message) {
        return new Failure(Exit.USAGE, ErrorCode.INVALID_REQUEST, message);
    }

    /// What a server's answer says, as `application/problem+json`, as a cancel document or as text.
    static Failure of(Http.Answer answer) {
        var document = answer.json();
        var message = document.path("detail").asText(document.path("message").asText(""));
        if (message.isBlank()) {
            message = document.isMissingNode() && !answer.text().isBlank()
                    ? answer.text().strip()
                    : "the server answered " + answer.status();
        }
        var otherwise = answer.status() >= 500 ? ErrorCode.INTERNAL : ErrorCode.INVALID_REQUEST;
        return told(Exit.of(answer.status()), document.path("code").asText(otherwise.code()), message);
    }

    /// The same of what an operation's routes answer: it was not begun.
    static Failure refused(Http.Answer answer) {
        var said = of(answer);
        return told(Exit.refused(answer.status()), said.code(), said.getMessage());
    }

    /// The same where this process does the work.
    static Failure refused(ProblemException problem) {
        var code = problem.code();
        return new Failure(
                Exit.refused(code.status()), code.code(), problem.problem().message(), problem);
    }

    /// The HTTP status that goes with a code, also one that is newer than we are.
    static int status(String code) {
        try {
            return ErrorCode.of(code).status();
        } catch (IllegalArgumentException unknown) {
            return 500;
        }
    }

    /// Whether the storage is the cause, and trying again by itself does not help: it is full, or refuses.
    boolean isOfStorage() {
        try {
            var known = ErrorCode.of(code);
            return !known.retryable()
                    && (known.blame() == ErrorCode.Blame.UPSTREAM || known.blame() == ErrorCode.Blame.RESOURCE);
        } catch (IllegalArgumentException unknown) {
            return false;
        }
    }

    /// What an exception has to say, also where it has no message.
    static String why(Throwable cause) {
        var message = cause.getMessage();
        if (message != null && !message.isBlank()) {
            return message;
        }
        return cause instanceof ClosedChannelException
                ? "the connection was closed"
                : cause.getClass().getSimpleName();
    }
}
