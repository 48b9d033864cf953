package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Change.Column;
import dev.sluice.core.Debt;
import dev.sluice.core.DebtStore.Taking;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore.Turn;
import dev.sluice.core.NewJob;
import dev.sluice.core.NodeId;
import dev.sluice.core.Stopped;
import dev.sluice.core.Waiting;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What debts, and completions that settle them, promise on either database.
abstract class DebtContract extends StateContract {
    DebtContract(Ground ground) {
        super(ground);
    }

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
        Debt first = state.debts().page(null, 1).getFirst();
        assertThat(List.of(first, state.debts().page(first.id(), 5).getFirst()))
                .containsExactlyInAnyOrder(debt, second);
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
    void aReceiptThatCouldNotSayThatNothingIsLeftIsFollowedByTheWordOnce() {
        Job job = running();
        Debt debt = state.debts().owe(job.id(), job.fence(), "temp", Debt.When.ENDED, new Temp("a"), NOW);
        cancel(job, CancelReceipt.Cleanup.OWED);
        state.debts().tellCleaned(job.id(), NOW);
        assertThat(typesOf(job.id())).endsWith(EventType.CANCELLED);
        state.debts().strike(debt.id(), NOW);
        state.debts().tellCleaned(job.id(), NOW);
        assertThat(typesOf(job.id())).endsWith(EventType.CANCELLED, EventType.CLEANED);

        Job owesNothing = running();
        cancel(owesNothing, CancelReceipt.Cleanup.OWED);
        state.debts().tellCleaned(owesNothing.id(), NOW);
        state.debts().tellCleaned(owesNothing.id(), NOW);
        assertThat(typesOf(owesNothing.id())).endsWith(EventType.STARTED, EventType.CANCELLED, EventType.CLEANED);

        Job saidIt = running();
        cancel(saidIt, CancelReceipt.Cleanup.DONE);
        state.debts().tellCleaned(saidIt.id(), NOW);
        assertThat(typesOf(saidIt.id())).endsWith(EventType.CANCELLED);
    }

    private void cancel(Job job, CancelReceipt.Cleanup cleanup) {
        var receipt = CancelReceipt.atDecision(job.id(), NOW, 0, 0, cleanup, CancelSource.HTTP_ENDPOINT);
        assertThat(state.jobs()
                        .change(Change.of(job.id(), NOW, JobState.RUNNING)
                                .to(JobState.CANCELLED)
                                .tell(EventType.CANCELLED, receipt.members())))
                .isPresent();
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
        Job job = ofTheServer("composed");
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

    @Test
    void whatWaitsBehindACrowdIsFoundFromTheCrowdsEndOn() {
        List<Job> waiting = Stream.of("a", "b", "c").map(this::ofTheServer).toList();
        List<Job> first = state.jobs().runnable(NOW, Turn.FIRST, 2);
        List<Job> second = state.jobs().runnable(NOW, Turn.of(first.getLast()), 2);
        assertThat(Stream.concat(first.stream(), second.stream()).map(Job::id))
                .containsExactlyElementsOf(waiting.stream().map(Job::id).toList());
        assertThat(state.jobs().runnable(NOW, Turn.of(second.getLast()), 2)).isEmpty();
    }

    private Job ofTheServer(String name) {
        NewJob asked = job(UPLOAD, ANNA, null, name);
        return made(new NewJob(
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
    }

    private List<JobId> runnable(Instant now) {
        return state.jobs().runnable(now, Turn.FIRST, 10).stream().map(Job::id).toList();
    }
}
