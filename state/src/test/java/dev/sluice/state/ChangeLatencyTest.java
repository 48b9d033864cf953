package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Change;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.StagePlan;
import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How long one change of one job takes, from the call to the committed answer, nobody else writing. Prints
/// what it measures; fails only where it is ten times what is promised.
class ChangeLatencyTest {
    private static final int WARM_UP = 2_000;
    private static final int MEASURED = 4_000;

    record Spec(String url) {}

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void sqlite() {
        assertThat(median("SQLite", Database.sqlite(folder.resolve("state.db"))))
                .isLessThan(10_000);
    }

    @Test
    void sqliteOpensFast() {
        for (int round = 0; round < 3; round++) {
            long begin = System.nanoTime();
            State.open(Database.sqlite(folder.resolve("state.db")), Clock.systemUTC(), ids(), State.Settings.defaults())
                    .close();
            System.out.printf("SQLite opened in %d ms%n", (System.nanoTime() - begin) / 1_000_000);
        }
    }

    @Test
    void postgres() {
        assertThat(median("PostgreSQL", Database.postgres(TestingPostgres.newDatabase(), "postgres", "postgres")))
                .isLessThan(100_000);
    }

    private static Ids ids() {
        return new Ids(Clock.systemUTC());
    }

    /// In microseconds.
    private static long median(String name, Database database) {
        Clock clock = Clock.systemUTC();
        Ids ids = ids();
        try (State state = State.open(database, clock, ids, State.Settings.defaults())) {
            var nanos = new ArrayList<Long>();
            for (int i = 0; i < WARM_UP + MEASURED; i++) {
                Instant now = clock.instant();
                Job job = state.jobs()
                        .submit(
                                List.of(new NewJob(
                                        ids.job(),
                                        new Kind("download"),
                                        "a.bin",
                                        Owner.LOCAL,
                                        null,
                                        StagePlan.of(),
                                        new Spec("https://example.org/a.bin"),
                                        1L,
                                        Duration.ZERO,
                                        false,
                                        null)),
                                null,
                                null,
                                now)
                        .jobs()
                        .getFirst();
                Change cancel = Change.of(job.id(), now, JobState.PENDING)
                        .to(JobState.CANCELLED)
                        .voidFence()
                        .set(Change.Column.ENDED, now)
                        .tell(EventType.CANCELLED, Map.of("by", "cli"));
                long begin = System.nanoTime();
                assertThat(state.jobs().change(cancel)).isPresent();
                nanos.add(System.nanoTime() - begin);
            }
            long[] sorted = nanos.subList(WARM_UP, nanos.size()).stream()
                    .mapToLong(Long::longValue)
                    .sorted()
                    .toArray();
            System.out.printf(
                    "%s: one change p50 %d µs, p99 %d µs, max %d µs%n",
                    name,
                    sorted[sorted.length / 2] / 1_000,
                    sorted[sorted.length * 99 / 100] / 1_000,
                    Arrays.stream(sorted).max().orElseThrow() / 1_000);
            return sorted[sorted.length / 2] / 1_000;
        }
    }
}
