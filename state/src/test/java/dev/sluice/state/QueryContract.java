package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Debt;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobQuery;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.JobStore.NewBatch;
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is found, listed, kept and removed, on either database.
abstract class QueryContract extends StateContract {
    QueryContract(Ground ground) {
        super(ground);
    }

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
        assertThat(state.jobs().recent(null, NOW)).containsExactlyInAnyOrder(live.id(), over.id(), bert.id());
        assertThat(state.jobs().recent(ANNA, NOW.plusSeconds(1))).containsExactly(live.id());
        assertThat(state.jobs().recent(BERT, NOW)).containsExactly(bert.id());
        assertThat(state.jobs().find(List.of(bert.id(), new JobId("nobody"), over.id())))
                .containsExactly(bert, over);
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
        assertThat(state.jobs().batches(BERT, 1, null).batches()).isEmpty();
        JobStore.BatchPage first = state.jobs().batches(ANNA, 1, null);
        assertThat(first.batches()).extracting(Batch::id).containsExactly(done.id());
        JobStore.BatchPage second = state.jobs().batches(null, 1, first.next());
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
        state.jobs().unseal(open.id());
        assertThat(state.jobs().batch(open.id()).orElseThrow().sealed()).isFalse();
        state.jobs().cancelBatch(done.id(), CancelSource.BATCH_CANCEL, later);
        state.jobs().unseal(done.id());
        assertThat(state.jobs().batch(done.id()).orElseThrow().sealed())
                .as("a cancelled batch stays closed")
                .isTrue();
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
        assertThat(plan(SqlJobStore.RUNNABLE
                        .replace(":now", "5")
                        .replace(":rank", "5")
                        .replace(":id", "'x'")
                        .replace(":limit", "9")))
                .contains("jobs_queued");
        assertThat(plan(SqlJobStore.QUEUE.replace(":kind", "'upload'").replace(":limit", "9")))
                .contains("jobs_queued");
        assertThat(plan(SqlJobStore.HELD.replace("<nodes>", "'a', 'b'"))).contains("jobs_held");
        assertThat(plan("SELECT * FROM jobs WHERE 1 = 1 AND owner = 'a' AND (created, id) < (5, 'x') ORDER BY created"
                        + " DESC, id DESC LIMIT 5"))
                .contains("jobs_of_owner");
    }
}
