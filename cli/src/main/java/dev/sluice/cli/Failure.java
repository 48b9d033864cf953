package dev.sluice.cli;

/// Ends the command with a message and an exit code; `code` is the problem's code as the server names it.
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exit;
    private final String code;

    Failure(int exit, String code, String message) {
        super(message);
        this.exit = exit;
        this.code = code;
    }

    Failure(int exit, String code, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
        this.code = code;
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
        return new Failure(Exit.USAGE, "invalid_request", message);
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
        var code = document.path("code").asText(answer.status() >= 500 ? "internal" : "invalid_request");
        return new Failure(Exit.of(answer.status()), code, message);
    }
}
