package dev.sluice.cli;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before trying again: exponential with full jitter, never under 250 ms, never over 30 s.
final class Backoff {
    private static final long FLOOR_MILLIS = 250;
    private static final long CEILING_MILLIS = 30_000;

    private final RandomGenerator random;
    private int failures;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    Duration next() {
        var bound = Math.min(CEILING_MILLIS, FLOOR_MILLIS << Math.min(failures + 1, 16));
        failures++;
        return Duration.ofMillis(random.nextLong(FLOOR_MILLIS, bound + 1));
    }

    /// Something went well.
    void reset() {
        failures = 0;
    }

    int failures() {
        return failures;
    }
}
