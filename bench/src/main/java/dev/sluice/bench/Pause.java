package dev.sluice.bench;

/// Waiting for time to pass.
final class Pause {
    private Pause() {}

    static void millis(long millis) {
        untilNanos(System.nanoTime() + millis * 1_000_000);
    }

    /// @param nanos a time of `System.nanoTime()`
    static void untilNanos(long nanos) {
        try {
            long left = nanos - System.nanoTime();
            if (left > 0) {
                Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }
}
