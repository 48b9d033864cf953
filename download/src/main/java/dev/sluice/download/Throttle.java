package dev.sluice.download;

import dev.sluice.core.StopToken;
import java.time.Duration;

/// So many bytes a second, shared by all who take them. Safe for use by many threads.
final class Throttle {
    private final double nanosPerByte;
    private long freeNanos = System.nanoTime();

    Throttle(long bytesPerSecond) {
        this.nanosPerByte = 1e9 / bytesPerSecond;
    }

    /// Returns once these bytes are within the limit.
    ///
    /// @throws dev.sluice.core.Stopped where the token fires meanwhile
    void take(long bytes, StopToken stop) {
        long wait = reserve(bytes) - System.nanoTime();
        if (wait > 0) {
            stop.sleep(Duration.ofNanos(wait));
        } else {
            stop.check();
        }
    }

    private synchronized long reserve(long bytes) {
        long now = System.nanoTime();
        long begin = Math.max(freeNanos, now);
        freeNanos = begin + (long) (bytes * nanosPerByte);
        return begin;
    }
}
