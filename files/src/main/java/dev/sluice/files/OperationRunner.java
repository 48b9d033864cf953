package dev.sluice.files;

import dev.sluice.core.Debt;
import dev.sluice.core.Job;
import dev.sluice.core.JobRunner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import java.io.IOException;
import java.util.List;

/// Does operations, from where their journals say that the last run ended.
final class OperationRunner implements JobRunner {
    private final Journals journals;
    private final Devices devices = new Devices();

    OperationRunner(Journals journals) {
        this.journals = journals;
    }

    @Override
    public boolean takes(Job job) {
        return job.kind().equals(Operations.KIND);
    }

    @Override
    public void run(Session session) {
        OperationSpec spec = Operations.spec(session.job());
        session.started();
        Debt leftovers = owed(session, spec);
        boolean clean;
        try (Journal journal = Journal.open(journals.of(session.id()));
                Run run = new Run(session, spec, journal, journals, devices)) {
            run.run();
            clean = run.isClean();
        } catch (IOException e) {
            throw new ProblemException(Faults.problem("the operation could not go on", e), e);
        }
        session.complete(clean ? List.of(leftovers.id()) : List.of(), spec.power());
    }

    private static Debt owed(Session session, OperationSpec spec) {
        return session.debts().stream()
                .filter(debt -> debt.type().equals(OperationDebt.TYPE))
                .findFirst()
                .orElseGet(() -> session.owe(
                        OperationDebt.TYPE,
                        Debt.When.ENDED,
                        new OperationDebt(spec.verb().word())));
    }
}
