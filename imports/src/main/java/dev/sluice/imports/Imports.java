package dev.sluice.imports;

import dev.sluice.categories.Categorizer;
import dev.sluice.core.BatchId;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobRunner;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.core.StopToken;
import dev.sluice.scan.Scanning;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes imports, each one file. Safe for use by many threads; every call may block.
public final class Imports {
    public static final Kind KIND = new Kind("import");

    static final String VALIDATION = "validation";
    static final String SCANNING = "scanning";
    static final String PARSING = "parsing";
    static final String DATABASE = "database";
    static final String CATEGORIZATION = "categorization";

    static final StagePlan STAGES = StagePlan.of(
            new Stage(VALIDATION, 0, 20),
            new Stage(SCANNING, 20, 40),
            new Stage(PARSING, 40, 60),
            new Stage(DATABASE, 60, 80),
            new Stage(CATEGORIZATION, 80, 100));

    /// A row that does not say its account would be of that which the import names.
    private static final String ANY_ACCOUNT = "";

    private static final Duration UNUSED_PATIENCE = Duration.ofDays(1);
    private final Engine engine;
    private final Ledger ledger;
    private final Inbox inbox;
    private final Ids ids;
    private final Clock clock;
    private final ImportSettings settings;
    private final Scanning scanning;
    private final LoadedCategorizer categorizer;
    private final Transactions transactions;
    /// Whose files are on their way, and which no store knows yet.
    private final Set<JobId> coming = ConcurrentHashMap.newKeySet();

    /// A file that has come.
    ///
    /// @param job under whose id it lies in its place
    public record Sent(JobId job, ImportSpec spec) {}

    /// @param folder where files lie until they are imported
    /// @param categorizer loads it, is asked once, when the first import needs it
    public Imports(
            Engine engine,
            Ledger ledger,
            Path folder,
            Ids ids,
            Clock clock,
            ImportSettings settings,
            Scanning scanning,
            Supplier<Categorizer> categorizer) {
        this.engine = engine;
        this.ledger = ledger;
        this.inbox = new Inbox(folder);
        this.ids = ids;
        this.clock = clock;
        this.settings = settings;
        this.scanning = scanning;
        this.categorizer = new LoadedCategorizer(categorizer);
        this.transactions = new Transactions(ledger, this.categorizer, clock);
    }

    /// Who pays what imports leave, by type of debt.
    ///
    /// @param folder where files lie until they are imported
    public static Map<String, DebtPayer> payers(Ledger ledger, Path folder) {
        return Map.of(ImportDebt.TYPE, ImportDebt.payer(ledger), FileDebt.TYPE, FileDebt.payer(new Inbox(folder)));
    }

    /// Who does them.
    public JobRunner runner() {
        return new ImportRunner(ledger, inbox, settings, scanning, categorizer, clock);
    }

    public ImportSettings settings() {
        return settings;
    }

    /// Tables of one's own, and their rows.
    public OwnTables tables() {
        return ledger.tables();
    }

    public Transactions transactions() {
        return transactions;
    }

    // ---- Files that come

    public JobId newJob() {
        return ids.job();
    }

    public BatchId newBatch() {
        return ids.batch();
    }

    /// Where the file of a job is to be put before it is submitted, or discarded.
    public Path place(JobId job) {
        coming.add(job);
        return inbox.place(job);
    }

    /// The file of a job will not be submitted.
    public void discard(JobId job) {
        coming.remove(job);
        inbox.remove(job);
    }

    /// Makes a job of each file, all in one batch that takes no others; each begins as soon as there is a place. Where
    /// that cannot be, their files are gone.
    ///
    /// @throws ProblemException `conflict` where the batch is taken; `invalid_request` where there is no file;
    ///     `not_found` where there is no such profile
    public List<Job> submit(BatchId batch, List<Sent> files, Owner owner) {
        try {
            files.forEach(file -> requireProfile(owner, file.spec().profile()));
            if (files.isEmpty()) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST, "there is no file in it: the field \"file\" holds one");
            }
            List<NewJob> jobs =
                    files.stream().map(file -> job(file, batch, owner)).toList();
            return engine.submit(jobs, new JobStore.NewBatch(batch, owner, KIND, true), null)
                    .jobs();
        } catch (RuntimeException e) {
            files.forEach(file -> inbox.remove(file.job()));
            throw e;
        } finally {
            files.forEach(file -> coming.remove(file.job()));
        }
    }

    private void requireProfile(Owner owner, @Nullable String profile) {
        if (profile != null) {
            ledger.existingProfile(owner.name(), profile);
        }
    }

    private static NewJob job(Sent file, BatchId batch, Owner owner) {
        ImportSpec spec = file.spec();
        return new NewJob(
                file.job(),
                KIND,
                spec.filename(),
                owner,
                batch,
                STAGES,
                spec,
                spec.size(),
                UNUSED_PATIENCE,
                true,
                null);
    }

    /// A job was cancelled: what has come for it goes, also where nobody has begun to work on it.
    public void cancelled(Job job) {
        if (job.kind().equals(KIND)) {
            inbox.remove(job.id());
        }
    }

    /// Removes what has come for jobs that do not need it any more, and what is known of those that failed and are
    /// gone.
    public void sweep() {
        ledger.sweep(id -> engine.jobs().find(id).isPresent());
        inbox.sweep(id -> coming.contains(id)
                || engine.jobs().find(id).filter(job -> !job.state().ended()).isPresent());
    }

    // ---- Files that are looked at first

    /// What an import of a file would make of it. Nothing is stored.
    ///
    /// @param profile its name, or null
    /// @param currency of amounts that name none
    /// @param rows how many to show
    /// @throws ProblemException `malformed` where it is no table; `not_found` where there is no such profile
    public Preview preview(Path file, Owner owner, @Nullable String profile, String currency, int rows) {
        Profile known = profile == null ? null : ledger.existingProfile(owner.name(), profile);
        String told = known == null || known.currency() == null ? currency : known.currency();
        var stop = new StopToken();
        var whose = new Whose(owner.name(), ANY_ACCOUNT, told);
        Reading<?> reading = Reading.of(file, ledger, whose, known, stop, bytes -> {});
        var shown = new ArrayList<ImportedRow>();
        if (reading.problems().isEmpty()) {
            try (ImportedRows all = reading.rows(file, stop, bytes -> {})) {
                ImportedRow row = all.next();
                while (row != null && shown.size() < rows) {
                    shown.add(row);
                    row = all.next();
                }
            }
        }
        return new Preview(
                reading.survey(), reading.uses(), reading.table(), shown, reading.warnings(), reading.problems());
    }

    // ---- Profiles

    public List<Profile> profiles(Owner owner) {
        return ledger.profiles(owner.name());
    }

    /// Puts a profile in the place of one with the same name.
    ///
    /// @throws ProblemException `invalid_request` where it says something that cannot be; `conflict` where it has a
    /// table
    ///     with rows, and changes its columns
    public void keep(Owner owner, Profile profile) {
        profile.overrides();
        profile.zone();
        ledger.keep(owner.name(), profile, clock.instant());
    }

    /// Its table stays where it has rows.
    ///
    /// @throws ProblemException `not_found`
    public void drop(Owner owner, String profile) {
        if (!ledger.drop(owner.name(), profile)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no profile " + profile);
        }
    }

    // ---- Imports

    public static ImportSpec spec(Job job) {
        return job.spec().as(ImportSpec.class);
    }

    /// The import of that identity, which a client has sent and which may be anything.
    public Optional<Job> find(String id) {
        return Ids.isIdentifier(id)
                ? engine.jobs().find(new JobId(id)).filter(job -> job.kind().equals(KIND))
                : Optional.empty();
    }

    /// The imports whose rows are there, newest first.
    ///
    /// @param before the number behind which to go on, or null
    public List<Imported> list(Owner owner, int limit, @Nullable Long before) {
        return ledger.imports(owner.name(), limit, before);
    }

    /// Whose the import is, where its rows are there or were.
    public Optional<Owner> ownerOf(JobId job) {
        return ledger.find(job).map(imported -> new Owner(imported.owner()));
    }

    /// The import, where its rows are there or were.
    public Optional<Imported> there(Owner owner, JobId job) {
        return ledger.find(job).filter(imported -> imported.owner().equals(owner.name()));
    }

    /// @throws ProblemException `not_found` where there are no rows of it
    public Imported existing(Owner owner, JobId job) {
        return there(owner, job)
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.NOT_FOUND, "there is no import " + job + " whose rows are there"));
    }

    /// Takes the rows of an import back.
    ///
    /// @return how many there were
    /// @throws ProblemException `not_found`; `conflict` where they have been taken back already, or are still coming
    public long undo(Owner owner, JobId job) {
        Imported imported = existing(owner, job);
        if (imported.undone() != null) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "the rows of import " + job + " were taken back at " + imported.undone());
        }
        engine.jobs().find(job).filter(now -> !now.state().ended()).ifPresent(now -> {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "import " + job + " has not ended; cancel it instead",
                    Map.of("state", now.state().word()));
        });
        return ledger.undo(imported, clock.instant());
    }

    /// What was rejected of an import, in the order of its file: of one whose rows are there or were, or that failed by
    /// just that; empty where it is neither.
    public Optional<Rejects> rejects(Owner owner, JobId job) {
        return ledger.rejects(owner.name(), job);
    }
}
