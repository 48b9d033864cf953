package dev.sluice.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A job's progress history, thinned as it grows: never more than 300 points, evenly spread. Confined to the
/// ticker, but for [#list], which any thread may call.
final class Samples {
    private static final int MOST = 300;

    private final List<Progress.Sample> kept;
    private long everyNanos = TimeUnit.SECONDS.toNanos(1);
    private long lastNanos;

    Samples(List<Progress.Sample> earlier, long nowNanos) {
        kept = new ArrayList<>(earlier);
        lastNanos = nowNanos - everyNanos;
        while (kept.size() >= MOST) {
            thin();
        }
    }

    synchronized void add(Progress.Sample sample, long nowNanos) {
        if (nowNanos - lastNanos < everyNanos) {
            return;
        }
        lastNanos = nowNanos;
        kept.add(sample);
        if (kept.size() >= MOST) {
            thin();
            everyNanos *= 2;
        }
    }

    synchronized List<Progress.Sample> list() {
        return List.copyOf(kept);
    }

    private void thin() {
        for (int i = kept.size() - 2; i > 0; i -= 2) {
            kept.remove(i);
        }
    }
}
