package dev.sluice.core;

import java.util.Locale;

/// Every code that a problem can carry, in the one table that the API, the events, the command line and the
/// metrics share.
public enum ErrorCode {
    INVALID_REQUEST(Blame.USER, 400, false),
    UNKNOWN_FIELD(Blame.USER, 400, false),
    NOT_FOUND(Blame.USER, 404, false),
    NOT_CANCELLABLE(Blame.USER, 409, false),
    TOO_LARGE(Blame.USER, 413, false),
    TYPE_BLOCKED(Blame.USER, 415, false),
    SIZE_MISMATCH(Blame.USER, 400, false),
    OFFSET_MISMATCH(Blame.USER, 409, false),
    CHECKSUM_MISMATCH(Blame.USER, 460, false),
    CONFLICT(Blame.USER, 409, false),
    GONE(Blame.USER, 410, false),
    UNAUTHORIZED(Blame.USER, 401, false),
    FORBIDDEN(Blame.USER, 403, false),
    LIMIT_EXCEEDED(Blame.USER, 429, false),
    TARGET_REFUSED(Blame.USER, 400, false),
    /// The client stayed away for longer than its job waits for it.
    EXPIRED(Blame.USER, 410, false),
    /// A setting is unknown or its value wrong: what the command line says of a start that cannot be.
    CONFIGURATION(Blame.USER, 400, false),
    /// Some files of an operation could not be done; its report says which.
    FILES_FAILED(Blame.USER, 409, false),
    /// A file is no table that can be read, or not one of the sort that was asked for.
    MALFORMED(Blame.USER, 422, false),
    /// A file can be read in several ways, and which one is meant has to be said.
    AMBIGUOUS(Blame.USER, 422, false),
    /// More rows than may be are wrong.
    TOO_MANY_ERRORS(Blame.USER, 422, false),
    /// A file is something that must not be taken in.
    INFECTED(Blame.USER, 422, false),
    /// Somebody cancelled the job: how the command line ends that was sending it.
    CANCELLED(Blame.USER, 409, false),

    DISK_FULL(Blame.RESOURCE, 507, false),
    QUOTA_EXCEEDED(Blame.RESOURCE, 507, false),
    OUT_OF_SLOTS(Blame.RESOURCE, 503, true),

    UPSTREAM_UNAVAILABLE(Blame.UPSTREAM, 502, true),
    UPSTREAM_REFUSED(Blame.UPSTREAM, 502, false),
    UPSTREAM_THROTTLED(Blame.UPSTREAM, 503, true),
    UPSTREAM_NOT_FOUND(Blame.UPSTREAM, 502, false),
    SOURCE_CHANGED(Blame.UPSTREAM, 409, false),
    SCANNER_UNAVAILABLE(Blame.UPSTREAM, 503, true),

    INTERNAL(Blame.INTERNAL, 500, false),
    STATE_UNAVAILABLE(Blame.INTERNAL, 503, true);

    /// On whose side the cause lies.
    public enum Blame {
        USER,
        RESOURCE,
        UPSTREAM,
        INTERNAL
    }

    private final Blame blame;
    private final int status;
    private final boolean retryable;

    ErrorCode(Blame blame, int status, boolean retryable) {
        this.blame = blame;
        this.status = status;
        this.retryable = retryable;
    }

    public Blame blame() {
        return blame;
    }

    /// The HTTP status of an answer with this code, unless a front end's own contract says otherwise.
    public int status() {
        return status;
    }

    /// Whether the same thing may go through when it is tried again by itself.
    public boolean retryable() {
        return retryable;
    }

    /// The code as it stands in problems and events: `disk_full`.
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException where no such code is known
    public static ErrorCode of(String code) {
        return valueOf(code.toUpperCase(Locale.ROOT));
    }
}
