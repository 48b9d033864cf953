package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What the hub itself costs, without any socket. The figures are printed; the bounds are generous.
@NullMarked
class FanOutTest {
    private final TestingStore store = new TestingStore(Clock.systemUTC(), "e1");
    private final LongAdder frames = new LongAdder();

    private final class Counting implements Connection {
        @Override
        public void send(Message message, Completion done) {
            if (message.type() == Message.Type.PROGRESS) {
                frames.increment();
            }
            done.sent();
        }

        @Override
        public void ping(Completion done) {
            done.sent();
        }

        @Override
        public void close(CloseCode code, String reason) {}
    }

    private static List<Progress> moved(List<JobId> jobs, long bytes) {
        return jobs.stream()
                .map(job -> new Progress(job, 1, bytes, null, null, null, null, null, null))
                .toList();
    }

    private void measure(String what, int watchers, int jobs, int ticks) {
        var all = IntStream.range(0, jobs)
                .mapToObj(i -> store.run("job" + i, Owner.LOCAL))
                .toList();
        Set<JobId> named = jobs == 1 ? Set.copyOf(all) : Set.of();
        try (var hub = new Hub(store, store, new TestingFrames(), Clock.systemUTC(), HubSettings.DEFAULT)) {
            IntStream.range(0, watchers).forEach(i -> hub.join(new Counting(), Sight.ALL, null, named));
            await().atMost(Duration.ofSeconds(30)).until(() -> hub.counters().sent() == watchers);
            hub.tick(moved(all, 0));
            await().until(() -> frames.sum() > 0
                    && all.stream().allMatch(job -> hub.latest(job).isPresent()));
            long before = System.nanoTime();
            for (int i = 1; i <= ticks; i++) {
                long wanted = frames.sum() + watchers;
                hub.tick(moved(all, i));
                while (frames.sum() < wanted) {
                    Thread.onSpinWait();
                }
            }
            double millis = (System.nanoTime() - before) / 1e6 / ticks;
            System.out.printf("%s: %.2f ms a tick, %.0f deliveries/s%n", what, millis, watchers * 1000 / millis);
            assertThat(millis).isLessThan(100);
        }
    }

    @Test
    void twoThousandWatchersOfOneJobFitIntoATick() {
        measure("2,000 watchers of one job", 2000, 1, 200);
    }

    @Test
    void aThousandMovingJobsFitIntoATickOfAHundredWatchers() {
        measure("1,000 jobs, 100 watchers of all", 100, 1000, 200);
    }

    @Test
    void idleWatcherCostsLittle() {
        store.run("job", Owner.LOCAL);
        try (var hub = new Hub(store, store, new TestingFrames(), Clock.systemUTC(), HubSettings.DEFAULT)) {
            hub.join(new Counting(), Sight.ALL, null, Set.of());
            long before = used();
            int watchers = 10_000;
            IntStream.range(0, watchers)
                    .forEach(i -> hub.join(new Counting(), Sight.of(new Owner("o" + i)), null, Set.of()));
            await().atMost(Duration.ofSeconds(30)).until(() -> hub.counters().sent() == watchers + 1);
            long each = (used() - before) / watchers;
            System.out.println("an idle watcher: " + each + " bytes");
            assertThat(each).isLessThan(4096);
        }
    }

    private static long used() {
        System.gc();
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
