package dev.sluice.cli;

/// What the command's exit codes mean.
final class Exit {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 3;
    static final int NOT_FOUND = 4;
    static final int ALREADY_ENDED = 5;
    static final int REFUSED = 6;
    static final int CANCELLED = 130;

    private Exit() {}

    /// The exit code of an operation that was not begun, by the status of what was answered.
    static int refused(int status) {
        return switch (status) {
            case 400 -> USAGE;
            case 404 -> NOT_FOUND;
            default -> (status >= 400 && status < 500) || status == 507 ? REFUSED : FAILED;
        };
    }

    /// The exit code that goes with an HTTP status.
    static int of(int status) {
        if (status >= 200 && status < 300) {
            return DONE;
        }
        return switch (status) {
            case 404 -> NOT_FOUND;
            case 409 -> ALREADY_ENDED;
            default -> status >= 400 && status < 500 ? REFUSED : FAILED;
        };
    }
}
