package dev.sluice.cloud;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Parts that were on their way when their upload let go: a provider that had taken their bytes may still store them,
/// after an abort too. Safe for use by many threads.
public final class Stragglers {
    /// How long a part that was cut off may still land.
    private static final Duration LANDING = Duration.ofMillis(500);

    /// When what was on its way to a place was cut off, by [System#nanoTime].
    private final Map<String, Long> cutOff = new ConcurrentHashMap<>();

    /// Parts may have been on their way to `place` until now.
    public void cutOff(String place) {
        cutOff.put(place, System.nanoTime());
    }

    public boolean mayStillLand(String place) {
        Long since = cutOff.get(place);
        return since != null && System.nanoTime() - since < LANDING.toNanos();
    }

    /// Nothing is left there.
    public void forget(String place) {
        cutOff.remove(place);
    }
}
