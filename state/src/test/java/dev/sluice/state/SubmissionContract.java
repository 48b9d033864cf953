package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.JobStore.IdempotencyKey;
import dev.sluice.core.JobStore.NewBatch;
import dev.sluice.core.NewJob;
import dev.sluice.core.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What making jobs and batches promises on either database.
abstract class SubmissionContract extends StateContract {
    SubmissionContract(Ground ground) {
        super(ground);
    }

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
    void whatAnOwnersJobsComeToIsKnown() {
        assertThat(state.jobs().use(ANNA, NOW)).isEqualTo(new JobStore.Use(0, 0, 0, 0));
        Job ended = made(job(DOWNLOAD, ANNA, null, "ended.bin"));
        made(job(UPLOAD, ANNA, null, "open.bin"));
        made(job(UPLOAD, BERT, null, "other.bin"));
        Change cancel = Change.of(ended.id(), NOW, JobState.PENDING)
                .to(JobState.CANCELLED)
                .tell(EventType.CANCELLED, Map.of());
        assertThat(state.jobs().change(cancel)).isPresent();
        assertThat(state.jobs().use(ANNA, NOW)).isEqualTo(new JobStore.Use(1, 100, 2, 200));
        assertThat(state.jobs().use(ANNA, NOW.plusSeconds(1))).isEqualTo(new JobStore.Use(1, 100, 0, 0));
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
        Event cancelled = eventsOf(job.id()).getLast();
        assertThat(cancelled.data().json()).contains("\"cleanup\":\"done\"", "\"by\":\"batch_cancel\"");
        assertThat(job.seq()).isEqualTo(cancelled.seq());
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
}
