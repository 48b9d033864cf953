package dev.sluice.files;

import dev.sluice.core.StopToken;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Lets no more than so many bytes a second go by, all threads together. What was not used is not saved up for longer
/// than a tenth of a second. Safe for use by many threads.
final class Pace {
    private static final long SAVED = 100_000_000;
    private static final int STEPS_A_SECOND = 20;
    private static final long LEAST_STEP = 4096;

    private final double nanosPerByte;
    private final long step;
    private final AtomicLong free = new AtomicLong(System.nanoTime());

    Pace(long bytesPerSecond) {
        nanosPerByte = 1e9 / bytesPerSecond;
        step = Math.max(LEAST_STEP, bytesPerSecond / STEPS_A_SECOND);
    }

    /// The most bytes that go by at once, so that they flow and do not come in lumps.
    long step() {
        return step;
    }

    /// Waits until `bytes` more may go by.
    ///
    /// @throws dev.sluice.core.Stopped where the token fires meanwhile
    void take(long bytes, StopToken stop) {
        long now = System.nanoTime();
        long cost = (long) (bytes * nanosPerByte);
        long mine = free.updateAndGet(next -> Math.max(next, now - SAVED) + cost);
        if (mine <= now) {
            return;
        }
        var stopped = new CountDownLatch(1);
        try (StopToken.Registration hung = stop.onStop(why -> stopped.countDown())) {
            assert hung != null;
            if (stopped.await(mine - now, TimeUnit.NANOSECONDS)) {
                stop.check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
