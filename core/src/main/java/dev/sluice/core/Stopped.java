package dev.sluice.core;

/// Thrown out of a job's work when its [StopToken] has fired. It is no failure and is never retried.
public final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final StopReason reason;

    public Stopped(StopReason reason) {
        super("stopped: " + reason, null, false, false);
        this.reason = reason;
    }

    public StopReason reason() {
        return reason;
    }
}
