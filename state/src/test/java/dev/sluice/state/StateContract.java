package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Change.Column;
import dev.sluice.core.Debt;
import dev.sluice.core.DebtStore.Taking;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobQuery;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.JobStore.IdempotencyKey;
import dev.sluice.core.JobStore.NewBatch;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.core.Stopped;
import dev.sluice.core.Waiting;
import dev.sluice.db.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the state promises on either database.
abstract class StateContract {
    static final Instant NOW = Instant.parse("2026-11-01T10:00:00.123456Z");
    static final Kind UPLOAD = new Kind("upload");
    static final Kind DOWNLOAD = new Kind("download");
    static final Owner ANNA = new Owner("anna");
    static final Owner BERT = new Owner("bert");
    static final State.Settings SETTINGS =
            new State.Settings(Set.of(UPLOAD), Duration.ofHours(1), 1_000, Duration.ofSeconds(15));

    final Ids ids = new Ids(Clock.systemUTC());
    final SetClock clock = new SetClock();

    @SuppressWarnings("NullAway.Init")
    State state;

    record Spec(String url, @Nullable String quality, Duration pause, Instant when) {}

    record Facts(@Nullable String title, @Nullable Long size) {}

    record Misfit(int title) {}

    record Temp(String path) {}

    static final class SetClock extends Clock {
        volatile Instant now = NOW;

        @Override
        public ZoneId getZone() {
            return ZoneId.of("UTC");
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

    abstract Database database();

    /// How the database would go about a query.
    abstract String plan(String sql);

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

    // Submitting

    @Test
    void aSubmittedJobIsPendingAndTold() {
        NewJob wanted = job(DOWNLOAD, ANNA, null, "a.bin");
        Job job = made(wanted);
        assertThat(job.state()).isEqualTo(JobState.PENDING);
        assertThat(job.waiting()).isNull();
        assertThat(job.expires()).isNull();
        assertThat(job.created()).isEqualTo(NOW);
        assertThat(job.attempt()).isEqualTo(1);
        assertThat(job.totalBytes()).isEqualTo(100);
        assertThat(job.stages()).isEqualTo(wanted.stages());
        assertThat(job.spec().as(Spec.class)).isEqualTo(wanted.spec());
        assertThat(job.spec().json())
                .contains("\"2026-11-01T10:00:00.123456Z\"")
                .doesNotContain("quality");
        assertThat(job.facts().members()).isEmpty();
        assertThat(state.jobs().find(job.id())).contains(job);
        Event event = eventsOf(job.id()).getFirst();
        assertThat(event.seq()).isEqualTo(1).isEqualTo(job.seq());
        assertThat(event.type()).isEqualTo(EventType.CREATED);
        assertThat(event.at()).isEqualTo(NOW);
        assertThat(event.owner()).isEqualTo(ANNA);
        assertThat(event.data().members()).isEqualTo(Map.of("name", "a.bin", "totalBytes", 100, "state", "pending"));
    }

    @Test
    void aClientDrivenJobWaitsForItsClient() {
        Job job = made(job(UPLOAD, ANNA, null, "u.bin"));
        assertThat(job.state()).isEqualTo(JobState.PENDING);
        assertThat(job.waiting()).isEqualTo(Waiting.CLIENT);
        assertThat(job.expires()).isEqualTo(NOW.plusSeconds(60));
        assertThat(eventsOf(job.id()).getFirst().data().members()).containsEntry("waiting", "client");
    }

    @Test
    void aTakenIdIsAConflictAndNothingOfItsSubmissionStays() {
        NewJob first = job(DOWNLOAD, ANNA, null, "a");
        made(first);
        NewJob other = job(DOWNLOAD, ANNA, null, "b");
        fails(
                ErrorCode.CONFLICT,
                first.id().value(),
                () -> state.jobs().submit(List.of(other, first), null, null, NOW));
        assertThat(state.jobs().find(other.id())).isEmpty();
        assertThat(state.events().position()).isEqualTo(1);
    }

    @Test
    void jobsOfABatchKeepTheirOrderAndOthersMayJoin() {
        NewBatch batch = batch(false);
        var names = new ArrayList<String>();
        for (int round = 0; round < 3; round++) {
            var jobs = new ArrayList<NewJob>();
            for (int i = 0; i < 5; i++) {
                names.add(round + "-" + i);
                jobs.add(job(DOWNLOAD, ANNA, batch.id(), round + "-" + i));
            }
            assertThat(state.jobs()
                            .submit(jobs, round == 0 ? batch : null, null, NOW)
                            .jobs())
                    .extracting(Job::name)
                    .containsExactlyElementsOf(jobs.stream().map(NewJob::name).toList());
        }
        assertThat(state.jobs().jobsOf(batch.id())).extracting(Job::name).containsExactlyElementsOf(names);
        Batch found = state.jobs().batch(batch.id()).orElseThrow();
        assertThat(found.counts()).isEqualTo(new Batch.Counts(15, 0, 0, 0, 0));
        assertThat(found.state()).isEqualTo(Batch.State.PENDING);
        assertThat(found.created()).isEqualTo(NOW);
        assertThat(state.jobs().batch(ids.batch())).isEmpty();
    }

    @Test
    void nobodyJoinsASealedAForeignOrAMissingBatch() {
        NewBatch sealed = batch(true);
        state.jobs().submit(List.of(job(DOWNLOAD, ANNA, sealed.id(), "a")), sealed, null, NOW);
        fails(ErrorCode.CONFLICT, sealed.id().value(), () -> made(job(DOWNLOAD, ANNA, sealed.id(), "b")));
        fails(ErrorCode.NOT_FOUND, sealed.id().value(), () -> made(job(DOWNLOAD, BERT, sealed.id(), "b")));
        fails(ErrorCode.NOT_FOUND, "nowhere", () -> made(job(DOWNLOAD, BERT, new BatchId("nowhere"), "b")));
        assertThat(state.jobs().jobsOf(sealed.id())).hasSize(1);
    }

    @Test
    void aBatchThatIsThereAlreadyIsJoinedAndMayBeSealedSo() {
        NewBatch open = batch(false);
        state.jobs().submit(List.of(job(DOWNLOAD, ANNA, open.id(), "a")), open, null, NOW);
        NewBatch again = new NewBatch(open.id(), ANNA, DOWNLOAD, true);
        state.jobs().submit(List.of(job(DOWNLOAD, ANNA, open.id(), "b")), again, null, NOW);
        Batch batch = state.jobs().batch(open.id()).orElseThrow();
        assertThat(batch.sealed()).isTrue();
        assertThat(batch.counts().total()).isEqualTo(2);
    }

    @Test
    void whoeverJoinsACancelledBatchIsBornCancelled() {
        NewBatch batch = batch(false);
        state.jobs().submit(List.of(), batch, null, NOW);
        state.jobs().cancelBatch(batch.id(), CancelSource.CLI, NOW);
        Job job = made(job(UPLOAD, ANNA, batch.id(), "late"));
        assertThat(job.state()).isEqualTo(JobState.CANCELLED);
        assertThat(job.waiting()).isNull();
        assertThat(job.cancelledBy()).isEqualTo(CancelSource.BATCH_CANCEL);
        assertThat(job.ended()).isEqualTo(NOW);
        assertThat(typesOf(job.id())).containsExactly(EventType.CREATED, EventType.CANCELLED);
        assertThat(job.seq()).isEqualTo(eventsOf(job.id()).getLast().seq());
        assertThat(state.jobs().find(job.id())).contains(job);
    }

    @Test
    void theSameKeyMakesTheSameJobsOnlyOnceForADay() {
        var key = new IdempotencyKey(ANNA, "k", "f1");
        Job first = state.jobs()
                .submit(List.of(job(DOWNLOAD, ANNA, null, "a")), null, key, NOW)
                .jobs()
                .getFirst();
        JobStore.Submitted again =
                state.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "a")), null, key, NOW.plusSeconds(9));
        assertThat(again.repeated()).isTrue();
        assertThat(again.jobs()).containsExactly(first);
        fails(
                ErrorCode.CONFLICT,
                "k",
                () -> state.jobs()
                        .submit(
                                List.of(job(DOWNLOAD, ANNA, null, "a")),
                                null,
                                new IdempotencyKey(ANNA, "k", "f2"),
                                NOW));
        assertThat(state.jobs()
                        .submit(List.of(job(DOWNLOAD, BERT, null, "a")), null, new IdempotencyKey(BERT, "k", "f2"), NOW)
                        .repeated())
                .isFalse();
        Instant later = NOW.plus(Duration.ofHours(25));
        assertThat(state.jobs()
                        .submit(List.of(job(DOWNLOAD, ANNA, null, "a")), null, key, later)
                        .repeated())
                .isFalse();
    }

    @Test
    void aKeyWhoseJobsAreRemovedInPartMakesNothingAndNamesThem() {
        var key = new IdempotencyKey(ANNA, "k", "f1");
        List<Job> first = state.jobs()
                .submit(List.of(job(DOWNLOAD, ANNA, null, "a"), job(DOWNLOAD, ANNA, null, "b")), null, key, NOW)
                .jobs();
        JobId removed = first.getFirst().id();
        state.jobs()
                .change(Change.of(removed, NOW, JobState.PENDING)
                        .to(JobState.CANCELLED)
                        .tell(EventType.CANCELLED, Map.of()));
        assertThat(state.jobs().remove(removed, null, NOW)).isTrue();
        fails(
                ErrorCode.GONE,
                removed.value(),
                () -> state.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "a")), null, key, NOW));
    }

    @Test
    void aFailedSubmissionLeavesItsKeyFree() {
        var key = new IdempotencyKey(ANNA, "k", "f1");
        NewJob taken = job(DOWNLOAD, ANNA, null, "a");
        made(taken);
        fails(ErrorCode.CONFLICT, taken.id().value(), () -> state.jobs().submit(List.of(taken), null, key, NOW));
        assertThat(state.jobs()
                        .submit(List.of(job(DOWNLOAD, ANNA, null, "a")), null, key, NOW)
                        .repeated())
                .isFalse();
    }

    // Changing

    @Test
    void aChangeSetsItsColumnsAndTellsOfThem() {
        Job job = running();
        var error = new Problem(ErrorCode.DISK_FULL, "full", Map.of("missing_bytes", 5));
        var receipt =
                new CancelReceipt(job.id(), true, NOW, 1.5, null, 7, CancelReceipt.Cleanup.OWED, CancelSource.CLI);
        Job changed = state.jobs()
                .change(Change.of(job.id(), NOW, JobState.RUNNING)
                        .heldBy(job.fence())
                        .to(JobState.PENDING)
                        .set(Column.WAITING, Waiting.RETRY)
                        .set(Column.STAGES, job.stages().enter("transfer", NOW))
                        .set(Column.CHECKPOINT, new Temp("x"))
                        .set(Column.BYTES, 55L)
                        .set(Column.ATTEMPT, 2)
                        .set(Column.NOT_BEFORE, NOW.plusSeconds(1))
                        .set(Column.NODE, null)
                        .set(Column.PATIENCE_MILLIS, 5L)
                        .set(Column.EXPIRES, NOW.plusSeconds(2))
                        .set(Column.ERROR, error)
                        .set(Column.CANCELLED_BY, CancelSource.HTTP_ENDPOINT)
                        .set(Column.RECEIPT, receipt)
                        .set(Column.STARTED, NOW.plusSeconds(3))
                        .set(Column.ENDED, NOW.plusSeconds(4))
                        .tell(EventType.RETRYING, Map.of("attempt", 2)))
                .orElseThrow();
        assertThat(state.jobs().find(job.id())).contains(changed);
        assertThat(changed.waiting()).isEqualTo(Waiting.RETRY);
        assertThat(changed.stages().current()).isPresent();
        assertThat(changed.checkpoint())
                .isNotNull()
                .satisfies(kept -> assertThat(kept.as(Temp.class)).isEqualTo(new Temp("x")));
        assertThat(changed.bytes()).isEqualTo(55);
        assertThat(changed.attempt()).isEqualTo(2);
        assertThat(changed.notBefore()).isEqualTo(NOW.plusSeconds(1));
        assertThat(changed.node()).isNull();
        assertThat(changed.patienceMillis()).isEqualTo(5);
        assertThat(changed.expires()).isEqualTo(NOW.plusSeconds(2));
        assertThat(changed.error()).isEqualTo(error);
        assertThat(changed.cancelledBy()).isEqualTo(CancelSource.HTTP_ENDPOINT);
        assertThat(changed.receipt()).isEqualTo(receipt);
        assertThat(changed.started()).as("set only once").isEqualTo(NOW);
        assertThat(changed.ended()).isEqualTo(NOW.plusSeconds(4));
        Event event = eventsOf(job.id()).getLast();
        assertThat(event.seq()).isEqualTo(changed.seq());
        assertThat(event.data().members()).isEqualTo(Map.of("attempt", 2, "state", "pending", "waiting", "retry"));

        Change nulls = Change.of(job.id(), NOW, JobState.PENDING);
        for (Column column : List.of(
                Column.WAITING,
                Column.CHECKPOINT,
                Column.NOT_BEFORE,
                Column.NODE,
                Column.EXPIRES,
                Column.ERROR,
                Column.CANCELLED_BY,
                Column.RECEIPT,
                Column.STARTED,
                Column.ENDED)) {
            nulls.set(column, null);
        }
        Job cleared = state.jobs().change(nulls).orElseThrow();
        assertThat(cleared.error()).isNull();
        assertThat(cleared.ended()).isNull();
        assertThat(cleared.started()).isEqualTo(NOW);
        assertThat(cleared.seq()).as("nothing was told").isEqualTo(changed.seq());
        assertThat(state.jobs().find(job.id())).contains(cleared);
    }

    @Test
    void aChangeLosesOnAnotherStateOrANewerFence() {
        Job job = running();
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.PENDING).to(JobState.PAUSED)))
                .isEmpty();
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.RUNNING)
                                .heldBy(job.fence() - 1)
                                .to(JobState.PAUSED)
                                .tell(EventType.PAUSED, Map.of())))
                .isEmpty();
        Job paused = state.jobs()
                .change(Change.of(job.id(), NOW, JobState.RUNNING)
                        .to(JobState.PAUSED)
                        .voidFence())
                .orElseThrow();
        assertThat(paused.fence()).isEqualTo(job.fence() + 1);
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.PAUSED)
                                .heldBy(job.fence())
                                .set(Column.BYTES, 9L)))
                .isEmpty();
        assertThat(typesOf(job.id())).containsExactly(EventType.CREATED, EventType.STARTED);
        assertThat(state.jobs().change(Change.of(ids.job(), NOW, JobState.PENDING)))
                .isEmpty();
    }

    @Test
    void whateverEndsWaitsForNothing() {
        Job job = made(job(UPLOAD, ANNA, null, "u"));
        Job cancelled = state.jobs()
                .change(Change.of(job.id(), NOW, JobState.PENDING)
                        .to(JobState.CANCELLED)
                        .tell(EventType.CANCELLED, Map.of()))
                .orElseThrow();
        assertThat(cancelled.waiting()).isNull();
        assertThat(eventsOf(job.id()).getLast().data().members()).isEqualTo(Map.of("state", "cancelled"));
    }

    @Test
    void factsAreLaidOverEachOther() {
        Job job = running();
        state.jobs().change(Change.of(job.id(), NOW, JobState.RUNNING).facts(new Facts("t", null)));
        Job both = state.jobs()
                .change(Change.of(job.id(), NOW, JobState.RUNNING).facts(new Facts(null, 12L)))
                .orElseThrow();
        assertThat(both.facts().as(Facts.class)).isEqualTo(new Facts("t", 12L));
        assertThat(both.facts().members()).isEqualTo(Map.of("title", "t", "size", 12));
        assertThat(state.jobs().find(job.id())).contains(both);
        assertThatThrownBy(() -> both.facts().as(Misfit.class)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ofManyChangesAtOnceOneWins() throws Exception {
        for (int round = 0; round < 20; round++) {
            Job job = download();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var answers = new ArrayList<Future<Boolean>>();
                for (int i = 0; i < 20; i++) {
                    answers.add(threads.submit(() -> state.jobs()
                            .change(Change.of(job.id(), NOW, JobState.PENDING)
                                    .to(JobState.RUNNING)
                                    .tell(EventType.STARTED, Map.of()))
                            .isPresent()));
                }
                int winners = 0;
                for (Future<Boolean> answer : answers) {
                    winners += answer.get() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
            }
            assertThat(typesOf(job.id())).containsExactly(EventType.CREATED, EventType.STARTED);
        }
    }

    // Cancelling a batch

    @Test
    void aBatchCancelStopsWhatHasNotEndedAndIsCountedOnce() {
        NewBatch fresh = batch(true);
        var jobs = IntStream.range(0, 4)
                .mapToObj(i -> job(i == 0 ? UPLOAD : DOWNLOAD, ANNA, fresh.id(), "j" + i))
                .toList();
        state.jobs().submit(jobs, fresh, null, NOW);
        change(jobs.get(1).id(), JobState.PENDING, JobState.RUNNING);
        change(jobs.get(2).id(), JobState.PENDING, JobState.PAUSED);
        change(jobs.get(3).id(), JobState.PENDING, JobState.RUNNING);
        change(jobs.get(3).id(), JobState.RUNNING, JobState.COMPLETED);
        long before = state.events().position();
        JobStore.BatchCancelled done = state.jobs()
                .cancelBatch(fresh.id(), CancelSource.CLI, NOW.plusSeconds(1))
                .orElseThrow();
        assertThat(done.alreadyEnded()).isEqualTo(1);
        assertThat(done.batch().cancelledAt()).isEqualTo(NOW.plusSeconds(1));
        assertThat(done.batch().cancelledCount()).isEqualTo(3);
        assertThat(done.batch().state()).isEqualTo(Batch.State.CANCELLED);
        assertThat(done.cancelled()).hasSize(3).allSatisfy(job -> {
            assertThat(job.state()).isEqualTo(JobState.CANCELLED);
            assertThat(job.waiting()).isNull();
            assertThat(job.fence()).isEqualTo(1);
            assertThat(job.ended()).isEqualTo(NOW.plusSeconds(1));
            assertThat(job.cancelledBy()).isEqualTo(CancelSource.BATCH_CANCEL);
            assertThat(state.jobs().find(job.id())).contains(job);
            assertThat(eventsOf(job.id()).getLast().type()).isEqualTo(EventType.CANCELLED);
        });
        assertThat(state.events().position()).isEqualTo(before + 3);
        JobStore.BatchCancelled again = state.jobs()
                .cancelBatch(fresh.id(), CancelSource.CLI, NOW.plusSeconds(2))
                .orElseThrow();
        assertThat(again.cancelled()).isEmpty();
        assertThat(again.alreadyEnded()).isEqualTo(4);
        assertThat(again.batch()).isEqualTo(done.batch());
        assertThat(state.jobs().cancelBatch(ids.batch(), CancelSource.CLI, NOW)).isEmpty();
    }

    @Test
    void aBatchThatIsOverStaysWhatItWas() {
        NewBatch fresh = batch(true);
        NewJob only = job(DOWNLOAD, ANNA, fresh.id(), "a");
        state.jobs().submit(List.of(only), fresh, null, NOW);
        change(only.id(), JobState.PENDING, JobState.RUNNING);
        change(only.id(), JobState.RUNNING, JobState.COMPLETED);
        assertThat(state.jobs()
                        .cancelBatch(fresh.id(), CancelSource.CLI, NOW)
                        .orElseThrow()
                        .batch()
                        .cancelledAt())
                .isNull();
    }

    Job change(JobId job, JobState from, JobState to) {
        return state.jobs()
                .change(Change.of(job, NOW, from).to(to).set(Column.ENDED, to.ended() ? NOW : null))
                .orElseThrow();
    }

    // Debts

    @Test
    void debtsAreOwedByWhoeverHoldsTheJobOnly() {
        Job job = running();
        Debt debt = state.debts().owe(job.id(), job.fence(), "temp", Debt.When.ENDED, new Temp("/x"), NOW);
        assertThat(debt.detail().as(Temp.class)).isEqualTo(new Temp("/x"));
        assertThat(debt.notBefore()).isEqualTo(NOW);
        assertThatThrownBy(() ->
                        state.debts().owe(job.id(), job.fence() - 1, "temp", Debt.When.ENDED, new Temp("/y"), NOW))
                .isInstanceOf(Stopped.class);
        assertThatThrownBy(() -> state.debts().owe(ids.job(), 0, "temp", Debt.When.ENDED, new Temp("/y"), NOW))
                .isInstanceOf(Stopped.class);
        Debt second = state.debts().owe(job.id(), job.fence(), "temp", Debt.When.NOW, new Temp("/z"), NOW);
        assertThat(state.debts().of(job.id())).containsExactly(second, debt);
        assertThat(state.debts().count()).isEqualTo(2);
        Debt amended = state.debts().amend(debt, job.fence(), Debt.When.UNLESS_COMPLETED, new Temp("/x2"));
        assertThat(amended.when()).isEqualTo(Debt.When.UNLESS_COMPLETED);
        assertThat(amended.detail().as(Temp.class)).isEqualTo(new Temp("/x2"));
        assertThat(state.debts().of(job.id())).containsExactly(second, amended);
        assertThatThrownBy(() -> state.debts().amend(debt, job.fence() - 1, Debt.When.NOW, new Temp("/x3")))
                .isInstanceOf(Stopped.class);
        state.debts().strike(debt.id(), NOW);
        fails(
                ErrorCode.NOT_FOUND,
                debt.id().value(),
                () -> state.debts().amend(debt, job.fence(), Debt.When.NOW, new Temp("")));
    }

    @Test
    void whatIsToBeTakenBackIsGivenToOnePayerAndToNobodyOnceItsJobIsCompleted() {
        NodeId holder = ids.node();
        NodeId other = ids.node();
        state.nodes().join(holder, "/a", NOW);
        state.nodes().join(other, "/b", NOW);
        Job job = running();
        state.jobs().change(Change.of(job.id(), NOW, JobState.RUNNING).set(Column.NODE, holder));
        Debt debt = state.debts().owe(job.id(), job.fence(), "object", Debt.When.UNLESS_COMPLETED, new Temp("a"), NOW);
        assertThat(state.debts().take(debt, other))
                .as("another node holds the job")
                .isEqualTo(Taking.REFUSED);
        assertThat(state.debts().take(debt, holder)).isEqualTo(Taking.GIVEN);
        state.jobs().change(Change.of(job.id(), NOW, JobState.RUNNING).set(Column.NODE, null));
        assertThat(state.debts().take(debt, other)).as("another node pays it").isEqualTo(Taking.REFUSED);
        assertThat(state.debts().take(debt, holder)).as("asked again").isEqualTo(Taking.GIVEN);
        state.debts().postpone(debt.id(), NOW);
        assertThat(state.debts().take(debt, other)).as("given back").isEqualTo(Taking.GIVEN);
        state.nodes().remove(Set.of(other));
        assertThat(state.debts().take(debt, holder)).as("its payer is gone").isEqualTo(Taking.GIVEN);
        change(job.id(), JobState.RUNNING, JobState.COMPLETED);
        assertThat(state.debts().take(debt, holder)).as("completed").isEqualTo(Taking.REFUSED);
        state.debts().strike(debt.id(), NOW);
        assertThat(state.debts().take(debt, other)).isEqualTo(Taking.GONE);
    }

    @Test
    void debtorsAreJobsThatEndedOrAreMissingOrOweAtOnce() {
        Job works = running();
        state.debts().owe(works.id(), works.fence(), "temp", Debt.When.ENDED, new Temp("a"), NOW);
        assertThat(state.debts().debtors(NOW, 10)).isEmpty();
        Job atOnce = running();
        Debt now = state.debts().owe(atOnce.id(), atOnce.fence(), "temp", Debt.When.NOW, new Temp("b"), NOW);
        Job over = running();
        Debt late =
                state.debts().owe(over.id(), over.fence(), "temp", Debt.When.ENDED, new Temp("c"), NOW.plusSeconds(1));
        change(over.id(), JobState.RUNNING, JobState.FAILED);
        assertThat(state.debts().debtors(NOW, 10)).containsExactly(atOnce.id());
        assertThat(state.debts().debtors(NOW.plusSeconds(1), 10)).containsExactly(atOnce.id(), over.id());
        assertThat(state.debts().debtors(NOW.plusSeconds(1), 1)).containsExactly(atOnce.id());
        state.debts().postpone(now.id(), NOW.plusSeconds(30));
        assertThat(state.debts().of(atOnce.id()).getFirst().attempts()).isEqualTo(1);
        assertThat(state.debts().debtors(NOW.plusSeconds(1), 10)).containsExactly(over.id());
        assertThat(state.jobs().remove(over.id(), null, NOW)).isTrue();
        assertThat(state.debts().debtors(NOW.plusSeconds(1), 10)).containsExactly(over.id());
        state.debts().strike(late.id(), NOW);
        assertThat(state.debts().debtors(NOW.plusSeconds(1), 10)).isEmpty();
        assertThat(typesOf(over.id())).endsWith(EventType.REMOVED);
    }

    @Test
    void theLastDebtOfAStoppedJobCleansIt() {
        Job job = running();
        Debt first = state.debts().owe(job.id(), job.fence(), "temp", Debt.When.ENDED, new Temp("a"), NOW);
        Debt second = state.debts().owe(job.id(), job.fence(), "temp", Debt.When.ENDED, new Temp("b"), NOW);
        Debt third = state.debts().owe(job.id(), job.fence(), "temp", Debt.When.ENDED, new Temp("c"), NOW);
        state.debts().strike(first.id(), NOW);
        change(job.id(), JobState.RUNNING, JobState.CANCELLED);
        state.debts().strike(second.id(), NOW);
        assertThat(typesOf(job.id())).doesNotContain(EventType.CLEANED);
        state.debts().strike(third.id(), NOW);
        state.debts().strike(third.id(), NOW);
        assertThat(typesOf(job.id())).containsExactly(EventType.CREATED, EventType.STARTED, EventType.CLEANED);
        assertThat(state.jobs().find(job.id()).orElseThrow().seq())
                .isEqualTo(eventsOf(job.id()).getLast().seq());
    }

    @Test
    void aCompletionSettlesItsDebtsWithIt() {
        Job job = running();
        Debt debt =
                state.debts().owe(job.id(), job.fence(), "take back", Debt.When.UNLESS_COMPLETED, new Temp("a"), NOW);
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.PENDING)
                                .to(JobState.CANCELLED)
                                .settle(debt.id())))
                .isEmpty();
        assertThat(state.debts().of(job.id())).containsExactly(debt);
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.RUNNING)
                                .to(JobState.COMPLETED)
                                .settle(debt.id())))
                .isPresent();
        assertThat(state.debts().of(job.id())).isEmpty();
    }

    @Test
    void aCompletionCompletesOthersWithItUnlessTheyEnded() {
        Job job = running();
        Job waits = made(job(UPLOAD, ANNA, null, "piece"));
        Job cancelled = download();
        change(cancelled.id(), JobState.PENDING, JobState.CANCELLED);
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.PENDING)
                                .to(JobState.CANCELLED)
                                .alsoComplete(waits.id())))
                .as("of a change that loses nothing is done")
                .isEmpty();
        assertThat(state.jobs().find(waits.id()).orElseThrow().state()).isEqualTo(JobState.PENDING);
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.RUNNING)
                                .to(JobState.COMPLETED)
                                .alsoComplete(waits.id())
                                .alsoComplete(cancelled.id())
                                .alsoComplete(new JobId("gone"))
                                .tell(EventType.COMPLETED, Map.of())))
                .isPresent();
        Job completed = state.jobs().find(waits.id()).orElseThrow();
        assertThat(completed.state()).isEqualTo(JobState.COMPLETED);
        assertThat(completed.ended()).isEqualTo(NOW);
        assertThat(completed.expires()).isNull();
        assertThat(completed.waiting()).isNull();
        assertThat(completed.fence()).isGreaterThan(waits.fence());
        assertThat(state.jobs().find(cancelled.id()).orElseThrow().state()).isEqualTo(JobState.CANCELLED);
        assertThat(state.events().read(0, Long.MAX_VALUE, waits.id(), 10))
                .extracting(Event::type)
                .containsExactly(EventType.CREATED, EventType.COMPLETED);
    }

    @Test
    void whatHasNoClientWaitsForAPlaceOrItsNextAttempt() {
        NewJob asked = job(UPLOAD, ANNA, null, "composed");
        Job job = made(new NewJob(
                asked.id(),
                asked.kind(),
                asked.name(),
                asked.owner(),
                null,
                asked.stages(),
                asked.spec(),
                asked.totalBytes(),
                asked.patience(),
                true,
                null));
        assertThat(job.waiting()).isEqualTo(Waiting.SLOT);
        assertThat(job.expires()).isNull();
        made(job(UPLOAD, ANNA, null, "of a client"));
        assertThat(runnable(NOW)).containsExactly(job.id());
        state.jobs()
                .change(Change.of(job.id(), NOW, JobState.PENDING)
                        .set(Column.WAITING, Waiting.RETRY)
                        .set(Column.NOT_BEFORE, NOW.plusSeconds(5)));
        assertThat(runnable(NOW.plusSeconds(4))).isEmpty();
        assertThat(runnable(NOW.plusSeconds(5))).containsExactly(job.id());
        state.jobs().change(Change.of(job.id(), NOW, JobState.PENDING).set(Column.NODE, new NodeId("n1")));
        assertThat(runnable(NOW.plusSeconds(5))).isEmpty();
    }

    private List<JobId> runnable(Instant now) {
        return state.jobs().runnable(now, 10).stream().map(Job::id).toList();
    }

    // Reading

    @Test
    void listsArePagedNewestFirstAndFiltered() {
        var all = new ArrayList<Job>();
        for (int i = 0; i < 25; i++) {
            // Several of one moment, so that the id decides.
            Instant at = NOW.plusSeconds(i / 4);
            Owner owner = i % 2 == 0 ? ANNA : BERT;
            all.addFirst(state.jobs()
                    .submit(List.of(job(i % 5 == 0 ? UPLOAD : DOWNLOAD, owner, null, "Ünï %" + i)), null, null, at)
                    .jobs()
                    .getFirst());
        }
        all.sort(java.util.Comparator.comparing(Job::created)
                .thenComparing(job -> job.id().value())
                .reversed());
        assertThat(pages(new JobQuery(null, null, null, null, null, 7, null))).containsExactlyElementsOf(all);
        assertThat(pages(new JobQuery(UPLOAD, JobState.PENDING, null, ANNA, null, 2, null)))
                .containsExactlyElementsOf(all.stream()
                        .filter(job -> job.kind().equals(UPLOAD) && job.owner().equals(ANNA))
                        .toList());
        assertThat(pages(new JobQuery(null, null, null, null, "ÜNÏ %2", 4, null)))
                .extracting(Job::name)
                .containsExactlyInAnyOrder("Ünï %2", "Ünï %20", "Ünï %21", "Ünï %22", "Ünï %23", "Ünï %24");
        assertThat(pages(new JobQuery(null, JobState.RUNNING, null, null, null, 4, null)))
                .isEmpty();
        for (String bad : List.of("", "!", "eA", "MTIz", "OmE")) {
            fails(
                    ErrorCode.INVALID_REQUEST,
                    "after",
                    () -> state.jobs().list(new JobQuery(null, null, null, null, null, 7, bad)));
        }
    }

    List<Job> pages(JobQuery query) {
        var found = new ArrayList<Job>();
        @Nullable String after = null;
        do {
            JobStore.Page page = state.jobs()
                    .list(new JobQuery(
                            query.kind(),
                            query.state(),
                            query.batch(),
                            query.owner(),
                            query.text(),
                            query.limit(),
                            after));
            assertThat(page.jobs()).hasSizeLessThanOrEqualTo(query.limit());
            found.addAll(page.jobs());
            after = page.next();
        } while (after != null);
        return found;
    }

    @Test
    void recentAreTheLivingAndTheLatelyEnded() {
        Job live = running();
        Job over = ended(JobState.COMPLETED);
        Job bert = made(job(DOWNLOAD, BERT, null, "b"));
        assertThat(state.jobs().recent(null, NOW))
                .extracting(Job::id)
                .containsExactlyInAnyOrder(live.id(), over.id(), bert.id());
        assertThat(state.jobs().recent(ANNA, NOW.plusSeconds(1))).containsExactly(live);
        assertThat(state.jobs().recent(BERT, NOW)).containsExactly(bert);
    }

    @Test
    void heldAreTheLivingJobsOfTheseNodes() {
        Job live = running();
        ended(JobState.FAILED);
        assertThat(state.jobs().heldBy(Set.of(new NodeId("n1"), new NodeId("n2"))))
                .containsExactly(live);
        assertThat(state.jobs().heldBy(Set.of(new NodeId("n2")))).isEmpty();
        assertThat(state.jobs().heldBy(Set.of())).isEmpty();
    }

    @Test
    void expiredAreWaitingJobsWhosePatienceRanOut() {
        Job waits = made(job(UPLOAD, ANNA, null, "u"));
        Job cancelled = made(job(UPLOAD, ANNA, null, "v"));
        change(cancelled.id(), JobState.PENDING, JobState.CANCELLED);
        download();
        assertThat(state.jobs().expired(NOW.plusSeconds(59), 10)).isEmpty();
        assertThat(state.jobs().expired(NOW.plusSeconds(60), 10)).containsExactly(waits);
        change(waits.id(), JobState.PENDING, JobState.PAUSED);
        assertThat(state.jobs().expired(NOW.plusSeconds(60), 10)).hasSize(1);
    }

    @Test
    void theCensusCountsByKindAndState() {
        download();
        download();
        running();
        made(job(UPLOAD, ANNA, null, "u"));
        assertThat(state.jobs().census())
                .containsExactlyInAnyOrder(
                        new JobStore.Census(DOWNLOAD, JobState.PENDING, 2),
                        new JobStore.Census(DOWNLOAD, JobState.RUNNING, 1),
                        new JobStore.Census(UPLOAD, JobState.PENDING, 1));
    }

    @Test
    void onlyEndedJobsAreRemovedWithTheirHistory() {
        Job live = running();
        assertThat(state.jobs().remove(live.id(), null, NOW)).isFalse();
        Job over = ended(JobState.FAILED);
        var samples = List.of(new Progress.Sample(NOW, 12.5, 1L << 40, 3.25), new Progress.Sample(NOW, 13, 5, 0));
        state.jobs().saveHistory(over.id(), samples);
        assertThat(state.jobs().history(over.id())).isEqualTo(samples);
        assertThat(state.jobs().remove(over.id(), null, NOW)).isTrue();
        assertThat(state.jobs().remove(over.id(), null, NOW)).isFalse();
        assertThat(state.jobs().find(over.id())).isEmpty();
        state.jobs().saveHistory(over.id(), samples);
        assertThat(state.jobs().history(over.id())).isEmpty();
        assertThat(typesOf(over.id())).endsWith(EventType.REMOVED);
    }

    @Test
    void whatARemovedJobLeavesIsADebtThatIsDueAtOnce() {
        Job over = ended(JobState.COMPLETED);
        var leftover = new JobStore.Leftover("content", new Temp("a"));
        assertThat(state.jobs().remove(over.id(), leftover, NOW)).isTrue();
        assertThat(state.debts().debtors(NOW, 10)).containsExactly(over.id());
        Debt debt = state.debts().of(over.id()).getFirst();
        assertThat(debt.type()).isEqualTo("content");
        assertThat(debt.when()).isEqualTo(Debt.When.NOW);
        assertThat(debt.detail().as(Temp.class)).isEqualTo(new Temp("a"));
    }

    @Test
    void onlyASealedBatchWithoutJobsIsRemoved() {
        var open = new NewBatch(new BatchId("open"), ANNA, UPLOAD, false);
        var full = new NewBatch(new BatchId("full"), ANNA, UPLOAD, true);
        state.jobs().submit(List.of(), open, null, NOW);
        JobId job = state.jobs()
                .submit(List.of(job(UPLOAD, ANNA, full.id(), "a")), full, null, NOW)
                .jobs()
                .getFirst()
                .id();
        assertThat(state.events().ofBatch(0, state.events().position(), full.id(), 10))
                .extracting(Event::type)
                .containsExactly(EventType.CREATED);
        assertThat(state.jobs().removeBatch(open.id())).isFalse();
        assertThat(state.jobs().removeBatch(full.id())).isFalse();
        state.jobs().cancelBatch(full.id(), CancelSource.CLI, NOW);
        assertThat(state.jobs().remove(job, null, NOW)).isTrue();
        assertThat(state.jobs().removeBatch(full.id())).isTrue();
        assertThat(state.jobs().batch(full.id())).isEmpty();
        assertThat(state.jobs().removeBatch(full.id())).isFalse();
    }

    @Test
    void batchesAreListedNewestFirstAndAbandonedOnesAreSealed() {
        var open = new NewBatch(new BatchId("open"), ANNA, UPLOAD, false);
        var done = new NewBatch(new BatchId("done"), ANNA, UPLOAD, true);
        state.jobs().submit(List.of(job(UPLOAD, ANNA, open.id(), "a")), open, null, NOW);
        state.jobs().submit(List.of(job(UPLOAD, ANNA, done.id(), "b")), done, null, NOW.plusSeconds(1));
        JobStore.BatchPage first = state.jobs().batches(1, null);
        assertThat(first.batches()).extracting(Batch::id).containsExactly(done.id());
        JobStore.BatchPage second = state.jobs().batches(1, first.next());
        assertThat(second.batches()).extracting(Batch::id).containsExactly(open.id());
        assertThat(second.next()).isNull();

        Instant later = NOW.plusSeconds(60);
        state.jobs().sealAbandoned(later);
        assertThat(state.jobs().batch(open.id()).orElseThrow().sealed())
                .as("a job of it has not ended")
                .isFalse();
        JobId job = state.jobs().jobsOf(open.id()).getFirst().id();
        state.jobs()
                .change(Change.of(job, NOW, JobState.PENDING)
                        .to(JobState.FAILED)
                        .set(Change.Column.ENDED, NOW));
        state.jobs().sealAbandoned(later);
        assertThat(state.jobs().batch(open.id()).orElseThrow().sealed()).isTrue();
    }

    @Test
    void aHistoryIsBounded() {
        Job job = running();
        var samples = IntStream.range(0, 1_000)
                .mapToObj(i -> new Progress.Sample(NOW.plusMillis(i), i / 10.0, i, 1))
                .toList();
        state.jobs().saveHistory(job.id(), samples);
        List<Progress.Sample> kept = state.jobs().history(job.id());
        assertThat(kept).hasSize(300).isSubsetOf(samples);
        assertThat(kept.getFirst()).isEqualTo(samples.getFirst());
        assertThat(kept.getLast()).isEqualTo(samples.getLast());
    }

    @Test
    void whatIsAskedOftenUsesAnIndex() {
        for (String recent : List.of(SqlJobStore.RECENT, SqlJobStore.RECENT_OF_OWNER)) {
            assertThat(plan(recent.replace(":since", "5").replace(":owner", "'a'")))
                    .contains("jobs_over")
                    .containsAnyOf("jobs_in_state", "jobs_held")
                    .doesNotContain("jobs_newest", "jobs_of_owner");
        }
        assertThat(plan(SqlJobStore.EXPIRED.replace(":now", "5").replace(":limit", "9")))
                .contains("jobs_waiting");
        assertThat(plan(SqlJobStore.RUNNABLE.replace(":now", "5").replace(":limit", "9")))
                .contains("jobs_waiting");
        assertThat(plan(SqlJobStore.HELD.replace("<nodes>", "'a', 'b'"))).contains("jobs_held");
        assertThat(plan("SELECT * FROM jobs WHERE 1 = 1 AND owner = 'a' AND (created, id) < (5, 'x') ORDER BY created"
                        + " DESC, id DESC LIMIT 5"))
                .contains("jobs_of_owner");
    }

    // Events

    @Test
    void aFreshLogIsEmptyAndItsEpochLasts() {
        String epoch = state.events().epoch();
        assertThat(epoch).hasSizeGreaterThan(8);
        assertThat(state.events().position()).isZero();
        assertThat(state.events().floor()).isEqualTo(1);
        download();
        state.close();
        state = open(SETTINGS);
        assertThat(state.events().epoch()).isEqualTo(epoch);
        assertThat(state.events().position()).isEqualTo(1);
    }

    @Test
    void eventsAreReadBetweenTwoPositions() {
        Job a = running();
        Job b = running();
        assertThat(state.events().read(1, 3, null, 10)).extracting(Event::seq).containsExactly(2L, 3L);
        assertThat(state.events().read(0, 9, b.id(), 10)).extracting(Event::seq).containsExactly(3L, 4L);
        assertThat(state.events().read(0, 9, a.id(), 1)).extracting(Event::seq).containsExactly(1L);
    }

    @Test
    void oldEventsAreDroppedFromTheOldestOn() {
        for (int i = 0; i < 650; i++) {
            Instant at = i < 450 ? NOW : NOW.plusSeconds(3_000);
            state.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "j" + i)), null, null, at);
        }
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(1);
        clock.now = NOW.plusSeconds(3_601);
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(451);
        assertThat(state.events().read(0, 1_000, null, 1_000)).hasSize(200);
        clock.now = NOW.plusSeconds(90_000);
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(651);
        assertThat(state.events().position()).isEqualTo(650);
    }

    @Test
    void noMoreEventsAreHeldThanTheLogIsToHold() {
        state.close();
        state = open(new State.Settings(Set.of(), Duration.ofDays(1), 10, Duration.ofSeconds(15)));
        for (int i = 0; i < 30; i++) {
            download();
        }
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(21);
    }

    @Test
    void numbersHaveNoGapsAndListenersSeeEachOnceInOrder() throws Exception {
        var heard = new ConcurrentLinkedQueue<Long>();
        state.events().subscribe(group -> group.forEach(event -> heard.add(event.seq())));
        state.events().subscribe(group -> {
            throw new IllegalStateException("a listener that fails, on purpose");
        });
        var done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> reader = threads.submit(() -> {
                long seen = 0;
                while (!done.get() || seen < state.events().position()) {
                    for (Event event : state.events().read(seen, Long.MAX_VALUE, null, 100)) {
                        assertThat(event.seq()).isEqualTo(seen + 1);
                        seen = event.seq();
                    }
                }
                return seen;
            });
            var writers = new ArrayList<Future<?>>();
            for (int i = 0; i < 100; i++) {
                writers.add(threads.submit(() -> {
                    for (int round = 0; round < 3; round++) {
                        Job job = running();
                        NewJob taken = job(DOWNLOAD, ANNA, new BatchId("nowhere"), "x");
                        fails(ErrorCode.NOT_FOUND, "nowhere", () -> made(taken));
                        change(job.id(), JobState.RUNNING, JobState.COMPLETED);
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            done.set(true);
            assertThat(reader.get()).isEqualTo(600);
        }
        assertThat(heard)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 600).boxed().toList());
    }

    @Test
    void whatAnotherWriterHasToldReachesOurListenersInOrder() {
        var heard = new ConcurrentLinkedQueue<Long>();
        state.events().subscribe(group -> group.forEach(event -> heard.add(event.seq())));
        download();
        try (State other = open(SETTINGS)) {
            for (int i = 0; i < 3; i++) {
                other.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "o")), null, null, NOW);
            }
        }
        download();
        assertThat(heard).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void numbersHaveNoGapsWhileTwoNodesWrite() throws Exception {
        var heard = new ConcurrentLinkedQueue<Long>();
        state.events().subscribe(group -> group.forEach(event -> heard.add(event.seq())));
        var done = new AtomicBoolean();
        try (State other = open(SETTINGS);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> reader = threads.submit(() -> {
                long seen = 0;
                while (!done.get() || seen < state.events().position()) {
                    for (Event event : state.events().read(seen, Long.MAX_VALUE, null, 100)) {
                        assertThat(event.seq()).isEqualTo(seen + 1);
                        seen = event.seq();
                    }
                }
                return seen;
            });
            var writers = new ArrayList<Future<?>>();
            for (int i = 0; i < 20; i++) {
                State node = i % 2 == 0 ? state : other;
                writers.add(threads.submit(() -> {
                    for (int round = 0; round < 10; round++) {
                        node.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "n")), null, null, NOW);
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            done.set(true);
            assertThat(reader.get()).isEqualTo(200);
        }
        download();
        assertThat(heard)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 201).boxed().toList());
    }

    // Nodes

    @Test
    void aNodeLearnsWhoHeldItsFolderBefore() {
        NodeId first = ids.node();
        NodeId second = ids.node();
        NodeId elsewhere = ids.node();
        assertThat(state.nodes().join(first, "/a", NOW)).isEmpty();
        assertThat(state.nodes().join(elsewhere, "/b", NOW)).isEmpty();
        assertThat(state.nodes().join(second, "/a", NOW)).containsExactly(first);
        state.nodes().remove(Set.of(first));
        state.nodes().remove(Set.of());
        assertThat(state.nodes().renew(first, NOW)).isFalse();
        assertThat(state.nodes().join(second, "/a", NOW)).isEmpty();
    }

    @Test
    void aLeaseIsRenewedUntilItRanOut() {
        NodeId node = ids.node();
        state.nodes().join(node, "/a", NOW);
        assertThat(state.nodes().renew(node, NOW.plusSeconds(15))).isTrue();
        assertThat(state.nodes().lapsed(NOW.plusSeconds(15))).isEmpty();
        assertThat(state.nodes().lapsed(NOW.plusSeconds(16))).containsExactly(node);
        assertThat(state.nodes().renew(node, NOW.plusSeconds(31))).isFalse();
    }

    @Test
    void everythingIsThereAfterAnotherOpening() {
        Job job = running();
        state.jobs().sync();
        state.close();
        state = open(SETTINGS);
        assertThat(state.jobs().find(job.id())).contains(job);
    }
}
