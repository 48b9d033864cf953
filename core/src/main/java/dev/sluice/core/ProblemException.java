package dev.sluice.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A [Problem] on its way up to whoever can answer for it.
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem, @Nullable Throwable cause) {
        super(problem.code().code() + ": " + problem.message(), cause);
        this.problem = problem;
    }

    public ProblemException(ErrorCode code, String message) {
        this(new Problem(code, message), null);
    }

    public ProblemException(ErrorCode code, String message, Map<String, Object> details) {
        this(new Problem(code, message, details), null);
    }

    public ProblemException(ErrorCode code, String message, Throwable cause) {
        this(new Problem(code, message), cause);
    }

    public Problem problem() {
        return problem;
    }

    public ErrorCode code() {
        return problem.code();
    }
}
