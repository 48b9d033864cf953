package dev.sluice.server;

import dev.sluice.app.Settings;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every second at all who are waited for, and cuts those that are too slow. Safe for use by many threads.
final class Paces implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Paces.class);

    private final long bytesPerSecond;
    private final long windowNanos;
    private final Set<Pace> kept = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("paces").factory());

    Paces(Settings.Limits limits) {
        this.bytesPerSecond = limits.transferRate().bytes();
        this.windowNanos = limits.transferWindow().toNanos();
    }

    /// Looks at these from now on, and does this as often.
    void start(Runnable also) {
        var unused = clock.scheduleWithFixedDelay(
                () -> {
                    cutTheLate();
                    also.run();
                },
                1,
                1,
                TimeUnit.SECONDS);
    }

    /// @param cut ends what is too slow
    Pace begin(Runnable cut) {
        var pace = new Pace(bytesPerSecond, windowNanos, cut);
        kept.add(pace);
        return pace;
    }

    void end(Pace pace) {
        kept.remove(pace);
    }

    private void cutTheLate() {
        long now = System.nanoTime();
        kept.removeIf(pace -> {
            boolean late = pace.late(now);
            if (late) {
                Thread.ofVirtual().name("cut").start(() -> cut(pace));
            }
            return late;
        });
    }

    private static void cut(Pace pace) {
        try {
            pace.cut();
        } catch (RuntimeException e) {
            log.warn("a client that is too slow could not be cut", e);
        }
    }

    String why() {
        return "this is slower than " + bytesPerSecond + " bytes a second (limits.transfer-rate)";
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
