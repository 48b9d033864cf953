package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Optional;

/// Whether a connection, or who fetches over one after the other, brings, while bytes are waited for, at least what
/// [Patience] asks of one. Used by one thread.
final class LeastRate {
    private final Patience patience;
    private final String host;
    private long waitedNanos;
    private long bytes;

    /// @param host whose connection it is
    /// @param waitedNanos for how long bytes have been waited for in all
    /// @param bytes that have come in all
    LeastRate(Patience patience, String host, long waitedNanos, long bytes) {
        this.patience = patience;
        this.host = host;
        this.waitedNanos = waitedNanos;
        this.bytes = bytes;
    }

    /// @return `upstream_unavailable`, where it brings less
    Optional<ProblemException> missed(long waitedNow, long bytesNow) {
        if (waitedNow - waitedNanos < patience.slow().toNanos()) {
            return Optional.empty();
        }
        long seconds = Math.max(1, patience.slow().toSeconds());
        long came = bytesNow - bytes;
        waitedNanos = waitedNow;
        bytes = bytesNow;
        return came >= patience.leastRate() * seconds
                ? Optional.empty()
                : Optional.of(new ProblemException(
                        ErrorCode.UPSTREAM_UNAVAILABLE,
                        host + " sends less than " + patience.leastRate() + " bytes a second: " + came + " in "
                                + seconds + " s"));
    }
}
