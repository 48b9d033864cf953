package dev.sluice.files;

import dev.sluice.core.Debt;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pays what an operation has left once it has ended, by its journal.
final class OperationPayer implements DebtPayer {
    private static final Logger log = LoggerFactory.getLogger(OperationPayer.class);

    private final Journals journals;
    private final JobStore jobs;

    OperationPayer(Journals journals, JobStore jobs) {
        this.journals = journals;
        this.jobs = jobs;
    }

    /// Deletes the journal of an operation that is forgotten.
    static DebtPayer ofJournals(Journals journals) {
        return debt -> Files.deleteIfExists(journals.of(debt.job()));
    }

    @Override
    public void pay(Debt debt) throws IOException {
        Path file = journals.of(debt.job());
        Optional<Job> job = jobs.find(debt.job());
        if (job.isEmpty() || Files.notExists(file)) {
            return;
        }
        OperationSpec spec = Operations.spec(job.get());
        try (Journal journal = Journal.open(file);
                Reach.Access sources = spec.reach().access();
                Reach.Access targets = spec.reach().access()) {
            List<Step> steps = journal.steps().orElse(List.of());
            boolean rollback = spec.onCancel() == OnCancel.ROLLBACK;
            boolean cancelled = job.get().state() == JobState.CANCELLED;
            var back = new TakeBack(journal, new Temps(debt.job()), sources, targets);
            back.unfinished(steps);
            if (rollback && cancelled) {
                back.finished(steps);
                back.above();
            }
            back.parked(steps);
            if (rollback && !cancelled) {
                back.forgetOld(steps);
                leave(spec, steps, journal, sources, targets);
            }
            back.end();
        }
    }

    /// Sources that stayed for as long as all of it could be taken back.
    private static void leave(
            OperationSpec spec, List<Step> steps, Journal journal, Reach.Access sources, Reach.Access targets)
            throws IOException {
        if (spec.verb() != Verb.MOVE) {
            return;
        }
        var leaving = new Leaving(
                journal,
                sources,
                targets,
                spec.power(),
                new StopToken(),
                (step, why) -> log.warn("[{}] {}", step.source(), why.message()));
        leaving.leave(steps.stream()
                .filter(step -> step.act().copies())
                .filter(step ->
                        journal.mark(step).isDone() && journal.mark(step).phase() != Mark.Phase.LEFT)
                .toList());
        leaving.leaveFolders(
                steps.stream().filter(step -> step.act() == Act.FOLDER).toList());
    }
}
