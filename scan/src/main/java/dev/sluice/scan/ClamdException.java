package dev.sluice.scan;

import org.jspecify.annotations.Nullable;

/// Clamd cannot be spoken with. The message goes on from its name.
final class ClamdException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Verdict.Reason reason;

    ClamdException(Verdict.Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    Verdict.Reason reason() {
        return reason;
    }
}
