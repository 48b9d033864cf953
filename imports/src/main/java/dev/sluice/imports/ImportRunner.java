package dev.sluice.imports;

import dev.sluice.core.Debt;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobRunner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.scan.Scanning;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/// Does imports, each from its beginning: what a crash has interrupted has left nothing.
final class ImportRunner implements JobRunner {
    private final Ledger ledger;
    private final Inbox inbox;
    private final ImportSettings settings;
    private final Scanning scanning;
    private final LoadedCategorizer categorizer;
    private final Clock clock;

    ImportRunner(
            Ledger ledger,
            Inbox inbox,
            ImportSettings settings,
            Scanning scanning,
            LoadedCategorizer categorizer,
            Clock clock) {
        this.ledger = ledger;
        this.inbox = inbox;
        this.settings = settings;
        this.scanning = scanning;
        this.categorizer = categorizer;
        this.clock = clock;
    }

    @Override
    public boolean takes(Job job) {
        return job.kind().equals(Imports.KIND);
    }

    @Override
    public int places() {
        return settings.concurrent();
    }

    @Override
    public void run(Session session) {
        if (session.debts().stream().noneMatch(debt -> debt.type().equals(FileDebt.TYPE))) {
            session.owe(
                    FileDebt.TYPE, Debt.When.ENDED, new FileDebt(session.job().name()));
        }
        Optional<Imported> before = ledger.find(session.id());
        if (before.isPresent()) {
            complete(session, before.get());
            return;
        }
        Path file = inbox.place(session.id());
        if (!Files.exists(file)) {
            throw new ProblemException(
                    ErrorCode.GONE,
                    "the file is not kept any more; send " + session.job().name() + " again");
        }
        categorizer.begin();
        new ImportRun(session, file, ledger, settings, scanning, categorizer, clock).run();
    }

    /// A crash came between the commit of the rows and that of the job.
    private static void complete(Session session, Imported imported) {
        session.started(Imports.CATEGORIZATION);
        session.facts(RowFacts.of(imported));
        session.meter().from(imported.size());
        session.complete(
                session.debts().stream()
                        .filter(debt -> debt.type().equals(ImportDebt.TYPE))
                        .map(Debt::id)
                        .toList(),
                true);
    }
}
