package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.BatchId;
import dev.sluice.core.Change;
import dev.sluice.core.Change.Column;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore.NewBatch;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.db.Database;
import dev.sluice.testing.SettableClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// What the contracts of the state share: a fresh database, and the jobs that their tests begin with.
abstract class StateContract {
    /// The database of a test: opened as often as it likes, what it says of how it would go about a query, and what it
    /// does by itself some time after many rows came.
    record Ground(Supplier<Database> database, UnaryOperator<String> plan, Runnable upkeep) {}

    static final Instant NOW = Instant.parse("2026-11-01T10:00:00.123456Z");
    static final Kind UPLOAD = new Kind("upload");
    static final Kind DOWNLOAD = new Kind("download");
    static final Owner ANNA = new Owner("anna");
    static final Owner BERT = new Owner("bert");
    static final State.Settings SETTINGS =
            new State.Settings(Set.of(UPLOAD), Duration.ofHours(1), 1_000, Duration.ofSeconds(15));

    final Ids ids = new Ids(Clock.systemUTC());
    final SettableClock clock = new SettableClock(NOW);

    @SuppressWarnings("NullAway.Init")
    State state;

    record Spec(String url, @Nullable String quality, Duration pause, Instant when) {}

    record Facts(@Nullable String title, @Nullable Long size) {}

    record Misfit(int title) {}

    record Temp(String path) {}

    private final Ground ground;

    StateContract(Ground ground) {
        this.ground = ground;
    }

    Database database() {
        return ground.database().get();
    }

    /// How the database would go about a query.
    String plan(String sql) {
        return ground.plan().apply(sql);
    }

    /// What the database does by itself some time after many rows came.
    void upkeep() {
        ground.upkeep().run();
    }

    State open(State.Settings settings) {
        return State.open(database(), clock, ids, settings);
    }

    @BeforeEach
    void openIt() {
        state = open(SETTINGS);
    }

    @AfterEach
    void closeIt() {
        state.close();
    }

    NewJob job(Kind kind, Owner owner, @Nullable BatchId batch, String name) {
        return new NewJob(
                ids.job(),
                kind,
                name,
                owner,
                batch,
                StagePlan.of(new Stage("transfer", 0, 90), new Stage("finish", 90, 100)),
                new Spec("https://example.org/" + name, null, Duration.ofSeconds(3), NOW),
                100L,
                Duration.ofMinutes(1),
                false,
                null);
    }

    Job made(NewJob job) {
        return state.jobs().submit(List.of(job), null, null, NOW).jobs().getFirst();
    }

    Job download() {
        return made(job(DOWNLOAD, ANNA, null, "a.bin"));
    }

    Job running() {
        Job job = download();
        return state.jobs()
                .change(Change.of(job.id(), NOW, JobState.PENDING)
                        .to(JobState.RUNNING)
                        .voidFence()
                        .set(Column.NODE, new NodeId("n1"))
                        .set(Column.STARTED, NOW)
                        .tell(EventType.STARTED, Map.of()))
                .orElseThrow();
    }

    Job ended(JobState how) {
        return state.jobs()
                .change(Change.of(running().id(), NOW, JobState.RUNNING)
                        .to(how)
                        .set(Column.ENDED, NOW)
                        .tell(EventType.valueOf(how.name()), Map.of()))
                .orElseThrow();
    }

    NewBatch batch(boolean sealed) {
        return new NewBatch(ids.batch(), ANNA, DOWNLOAD, sealed);
    }

    List<Event> eventsOf(JobId job) {
        return state.events().read(0, Long.MAX_VALUE, job, 1_000);
    }

    List<EventType> typesOf(JobId job) {
        return eventsOf(job).stream().map(Event::type).toList();
    }

    static void fails(ErrorCode code, String naming, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(naming);
    }

    Job change(JobId job, JobState from, JobState to) {
        return state.jobs()
                .change(Change.of(job, NOW, from).to(to).set(Column.ENDED, to.ended() ? NOW : null))
                .orElseThrow();
    }
}
