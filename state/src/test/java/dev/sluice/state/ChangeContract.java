package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.Batch;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Change.Column;
import dev.sluice.core.Debt;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.JobStore.NewBatch;
import dev.sluice.core.NewJob;
import dev.sluice.core.Problem;
import dev.sluice.core.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What the change of a job and the cancel of a batch promise on either database.
abstract class ChangeContract extends StateContract {
    ChangeContract(Ground ground) {
        super(ground);
    }

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
    void howFarAJobWasSeenIsOnlyRaisedUntilItBeginsAnew() {
        Job job = running();
        assertThat(job.percent()).isZero();
        assertThat(seen(job, 60.5)).isEqualTo(60.5);
        assertThat(seen(job, 15.0)).isEqualTo(60.5);
        assertThat(seen(job, 61.0)).isEqualTo(61.0);
        assertThat(seen(job, 0.0)).isZero();
        assertThat(state.jobs().find(job.id())).get().extracting(Job::percent).isEqualTo(0.0);
    }

    private double seen(Job job, double percent) {
        return state.jobs()
                .change(Change.of(job.id(), NOW, JobState.RUNNING).set(Column.PERCENT, percent))
                .orElseThrow()
                .percent();
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
        Job owing = state.jobs().find(jobs.get(0).id()).orElseThrow();
        state.debts().owe(owing.id(), owing.fence(), "temp", Debt.When.ENDED, new Temp("a"), NOW);
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
            Event told = eventsOf(job.id()).getLast();
            assertThat(told.type()).isEqualTo(EventType.CANCELLED);
            assertThat(told.data().json())
                    .contains(job.id().equals(owing.id()) ? "\"cleanup\":\"owed\"" : "\"cleanup\":\"done\"");
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
}
