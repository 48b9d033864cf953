package dev.sluice.download;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Where somebody waits until he is let through.
final class Gate {
    private static final int PATIENCE_SECONDS = 60;

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    void pass() {
        reached.countDown();
        await(opened, "was not opened");
    }

    /// Returns once somebody waits.
    void awaitReached() {
        await(reached, "was not reached");
    }

    void open() {
        opened.countDown();
    }

    private static void await(CountDownLatch latch, String what) {
        try {
            if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a gate " + what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
