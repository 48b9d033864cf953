package dev.sluice.realtime;

/// The codes with which sockets are closed, the same at every endpoint.
public enum CloseCode {
    DONE(1000),
    /// Token missing, bad or used up; unknown file, foreign handle, superseded, too many bytes, failed: the
    /// reason says.
    REFUSED(1008),
    MESSAGE_TOO_LARGE(1009),
    /// We or the storage failed, after an `error` message.
    FAILED(1011),
    CANCELLED(4001),
    TOO_MANY_MESSAGES(4008),
    PAUSED(4009),
    /// Over the byte bound after conflation.
    SLOW(4010),
    /// This node is going down: come back at once, elsewhere.
    DRAINING(4011),
    /// Token or session expired.
    EXPIRED(4401);

    private final int code;

    CloseCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
