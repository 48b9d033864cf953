package dev.sluice.core;

import org.jspecify.annotations.Nullable;

/// Bytes per second, smoothed over about three seconds. Sampled by the ticker; any thread may read it.
final class Rate {
    private static final double SMOOTHING_NANOS = 3e9;

    private long bytes;
    private long atNanos;
    private volatile double perSecond = -1;

    Rate(long bytes, long nowNanos) {
        this.bytes = bytes;
        this.atNanos = nowNanos;
    }

    void sample(long bytesNow, long nowNanos) {
        long passed = nowNanos - atNanos;
        if (passed <= 0) {
            return;
        }
        double measured = Math.max(0, bytesNow - bytes) * 1e9 / passed;
        double before = perSecond;
        perSecond = before < 0 ? measured : before + (measured - before) * -Math.expm1(-passed / SMOOTHING_NANOS);
        bytes = bytesNow;
        atNanos = nowNanos;
    }

    /// The rate, or null before the first sample.
    @Nullable
    Double perSecond() {
        double known = perSecond;
        return known < 0 ? null : known;
    }
}
