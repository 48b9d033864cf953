package dev.sluice.server;

import java.util.concurrent.TimeUnit;

/// How fast a client is, by the time that it is waited for alone: a slow disk is not its fault. Safe for use by many
/// threads.
final class Pace {
    private final long bytesPerSecond;
    private final long windowNanos;
    private final Runnable cut;
    private long waited;
    private long came;
    private long wanted;
    private long since;
    private boolean waiting;

    /// @param cut ends what is too slow, and returns at once
    Pace(long bytesPerSecond, long windowNanos, Runnable cut) {
        this.bytesPerSecond = bytesPerSecond;
        this.windowNanos = windowNanos;
        this.cut = cut;
    }

    /// From now on the client is waited for.
    ///
    /// @param bytes how many it has to take before it goes on; 0 where it may send as few as it likes
    synchronized void waits(long bytes) {
        if (!waiting) {
            waiting = true;
            wanted = bytes;
            since = System.nanoTime();
        }
    }

    synchronized void goesOn() {
        if (waiting) {
            waiting = false;
            waited += System.nanoTime() - since;
        }
    }

    synchronized void came(long bytes) {
        came += bytes;
    }

    /// Whether the client was too slow since the last window began; begins the next one where this one is over.
    synchronized boolean late(long now) {
        long open = waiting ? now - since : 0;
        if (wanted > 0) {
            return open > windowNanos + nanosFor(wanted);
        }
        if (waited + open < windowNanos) {
            return false;
        }
        boolean late = nanosFor(came) < waited + open;
        waited = 0;
        came = 0;
        since = now;
        return late;
    }

    private long nanosFor(long bytes) {
        return (long) ((double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
    }

    void cut() {
        cut.run();
    }
}
