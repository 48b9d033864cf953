package dev.sluice.testing;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// A limit in bytes a second, 0 for none. It may change at any time, and holds within 50 ms. Safe for use by
/// many threads, which share it.
final class Pace {
    private static final long STEP_NANOS = 50_000_000;

    private final LongSupplier rate;
    private final AtomicLong due = new AtomicLong(System.nanoTime());

    Pace(LongSupplier rate) {
        this.rate = rate;
    }

    /// How much to take at once so that it flows.
    int piece(int wanted) {
        long now = rate.getAsLong();
        return now == 0 ? wanted : Math.clamp(now / 20, 1, wanted);
    }

    /// Waits until so many bytes may pass.
    void pass(int bytes) {
        long mine = rate.getAsLong();
        if (mine == 0) {
            return;
        }
        long cost = bytes * 1_000_000_000L / mine;
        long begun = System.nanoTime();
        long end = due.updateAndGet(before -> Math.max(before, begun) + cost);
        for (long left = end - begun; left > 0; left = end - System.nanoTime()) {
            if (rate.getAsLong() != mine) {
                due.set(System.nanoTime());
                return;
            }
            LockSupport.parkNanos(Math.min(left, STEP_NANOS));
        }
    }
}
