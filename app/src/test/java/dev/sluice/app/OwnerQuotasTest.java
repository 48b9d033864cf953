package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.core.Change;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.db.Database;
import dev.sluice.state.State;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an owner may begin: each limit is told with when to come again, and is nobody else's.
class OwnerQuotasTest {
    private static final Owner ANN = new Owner("ann");
    private static final Owner BOB = new Owner("bob");

    /// Of another zone, where it is the next day already.
    private final TestingClock clock = new TestingClock(Instant.parse("2026-11-01T22:00:00Z"));
    private final Ids ids = new Ids(clock);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private State state;

    @BeforeEach
    void open() {
        state = State.open(
                Database.sqlite(folder.resolve("state.db")),
                clock,
                ids,
                new State.Settings(Set.of(), Duration.ofDays(1), 1_000, Duration.ofSeconds(15)));
    }

    @AfterEach
    void close() {
        state.close();
    }

    private OwnerQuotas quotas(String... flags) {
        Map<String, String> set = IntStream.range(0, flags.length / 2)
                .boxed()
                .collect(java.util.stream.Collectors.toMap(i -> flags[2 * i], i -> flags[2 * i + 1]));
        Settings settings = Configuration.load(folder, null, set, Map.of()).settings();
        return new OwnerQuotas(state.jobs(), settings.limits(), clock);
    }

    private NewJob job(Owner owner, long bytes) {
        return new NewJob(
                ids.job(),
                new Kind("upload"),
                "a.bin",
                owner,
                null,
                StagePlan.of(new Stage("transfer", 0, 100)),
                new Spec("a"),
                bytes,
                Duration.ofMinutes(1),
                false,
                null);
    }

    private record Spec(String name) {}

    private NewJob begin(OwnerQuotas quotas, Owner owner, long bytes) {
        NewJob job = job(owner, bytes);
        quotas.take(owner, List.of(job));
        state.jobs().submit(List.of(job), null, null, clock.instant());
        return job;
    }

    private void refused(OwnerQuotas quotas, long bytes, String limit, long seconds) {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> quotas.take(ANN, List.of(job(ANN, bytes))))
                .problem();
        assertThat(problem.code()).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
        assertThat(problem.message()).contains(limit);
        assertThat(problem.details()).containsEntry(Problem.RETRY_AFTER, seconds);
    }

    @Test
    void jobsThatHaveNotEndedAreCounted() {
        OwnerQuotas quotas = quotas("limits.open-jobs", "2");
        NewJob first = begin(quotas, ANN, 1);
        begin(quotas, ANN, 1);
        refused(quotas, 1, "limits.open-jobs", 10);
        begin(quotas, BOB, 1);
        clock.now = clock.now.plusSeconds(2);
        refused(quotas, 1, "limits.open-jobs", 10);
        Change cancel = Change.of(first.id(), clock.instant(), JobState.PENDING)
                .to(JobState.CANCELLED)
                .tell(EventType.CANCELLED, Map.of());
        assertThat(state.jobs().change(cancel)).isPresent();
        clock.now = clock.now.plusSeconds(2);
        begin(quotas, ANN, 1);
    }

    @Test
    void bytesThatAreUnderWayAreCounted() {
        OwnerQuotas quotas = quotas("limits.open-bytes", "1000");
        begin(quotas, ANN, 600);
        refused(quotas, 401, "limits.open-bytes", 10);
        begin(quotas, ANN, 400);
    }

    @Test
    void aDayEndsAtMidnight() {
        OwnerQuotas quotas = quotas("limits.jobs-per-day", "1", "limits.bytes-per-day", "1000");
        refused(quotas, 1001, "limits.bytes-per-day", 7_200);
        begin(quotas, ANN, 1);
        refused(quotas, 1, "limits.jobs-per-day", 7_200);
        clock.now = Instant.parse("2026-11-02T00:00:00Z");
        begin(quotas, ANN, 1);
    }

    @Test
    void manyAtOnceAreTakenWholeOrNotAtAll() {
        OwnerQuotas quotas = quotas("limits.open-jobs", "2");
        assertThat(catchThrowableOfType(
                        ProblemException.class, () -> quotas.take(ANN, List.of(job(ANN, 1), job(ANN, 1), job(ANN, 1)))))
                .isNotNull();
        assertThatCode(() -> quotas.take(ANN, List.of(job(ANN, 1), job(ANN, 1))))
                .doesNotThrowAnyException();
    }

    @Test
    void whoeverOwnsThisMachineIsNotLimited() {
        OwnerQuotas quotas = quotas("limits.open-jobs", "0");
        assertThatCode(() -> quotas.take(Owner.LOCAL, List.of(job(Owner.LOCAL, 1))))
                .doesNotThrowAnyException();
    }

    private static final class TestingClock extends Clock {
        private Instant now;

        TestingClock(Instant now) {
            this.now = now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.ofHours(9);
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
