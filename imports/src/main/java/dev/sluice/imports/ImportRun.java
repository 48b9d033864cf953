package dev.sluice.imports;

import dev.sluice.categories.Categorizer;
import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Note;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopToken;
import dev.sluice.csv.Dialect;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import dev.sluice.scan.Scanning;
import dev.sluice.scan.StoredVerdict;
import dev.sluice.scan.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One file on its way into the database, in five stages. Three of them read its rows, each for itself: to see what is
/// wrong with them, to store them, to categorize them. So nothing has to lie in between.
final class ImportRun {
    private static final int TOLD_EVERY = 500;

    private final Session session;
    private final ImportSpec spec;
    private final Path file;
    private final Ledger ledger;
    private final ImportSettings settings;
    private final Scanning scanning;
    private final Supplier<Categorizer> categorizer;
    private final Clock clock;
    private final StopToken stop;
    private final String owner;
    private final @Nullable Profile profile;
    private final Whose whose;

    ImportRun(
            Session session,
            Path file,
            Ledger ledger,
            ImportSettings settings,
            Scanning scanning,
            Supplier<Categorizer> categorizer,
            Clock clock) {
        this.session = session;
        this.spec = Imports.spec(session.job());
        this.file = file;
        this.ledger = ledger;
        this.settings = settings;
        this.scanning = scanning;
        this.categorizer = categorizer;
        this.clock = clock;
        this.stop = session.stop();
        this.owner = session.job().owner().name();
        this.profile = spec.profile() == null ? null : ledger.existingProfile(owner, spec.profile());
        String told = profile == null ? null : profile.currency();
        this.whose = new Whose(owner, spec.account(), told == null ? spec.currency() : told);
    }

    void run() {
        session.started();
        session.meter().from(0);
        run(understand());
    }

    private <R extends ImportedRow> void run(Reading<R> reading) {
        enter(Imports.SCANNING);
        Verdict verdict = scan(reading.survey());
        String digest = reading.digest();
        Optional<Imported> before = ledger.ofFile(owner, spec.account(), verdict.sha256(), digest);
        if (before.isPresent()) {
            passOver(before.get(), reading.survey());
            return;
        }
        enter(Imports.PARSING);
        Parsed parsed = parse(reading);
        enter(Imports.DATABASE);
        store(reading, verdict, digest, parsed);
    }

    /// The meter goes first: the fraction of a stage that is over must not be read as that of the next one.
    private void enter(String stage) {
        session.meter().from(0);
        session.stage(stage);
    }

    private Reading<?> understand() {
        Reading<?> reading;
        try {
            reading = Reading.of(file, ledger, whose, profile, stop, session.meter()::from);
            session.facts(TableFacts.of(reading));
            reading.check();
        } catch (ProblemException e) {
            if (e.code() == ErrorCode.MALFORMED) {
                refuseOtherThanTable();
            }
            throw e;
        }
        session.meter().items(0, reading.survey().records());
        return reading;
    }

    /// A ZIP, a program, a page: that says more than that it is no table.
    private void refuseOtherThanTable() {
        try {
            scanning.otherThanTable(file, stop).ifPresent(this::judge);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private Verdict scan(Survey survey) {
        Verdict verdict;
        try {
            verdict = scanning.scan(file, survey.encoding().charset(), stop, session.meter()::from);
        } catch (IOException e) {
            throw unreadable(e);
        }
        judge(verdict);
        scanning.notes(verdict).forEach(session::note);
        return verdict;
    }

    private void judge(Verdict verdict) {
        session.facts(new ScanFacts(StoredVerdict.of(verdict)));
        Optional<Problem> refusal = scanning.refusal(verdict);
        if (refusal.isPresent()) {
            throw new ProblemException(refusal.get(), null);
        }
    }

    private static ProblemException unreadable(IOException e) {
        return new ProblemException(ErrorCode.INTERNAL, "the file cannot be read: " + e.getMessage(), e);
    }

    /// The same file was imported before: every stage is told of, and nothing is done.
    private void passOver(Imported before, Survey survey) {
        for (String stage : List.of(Imports.PARSING, Imports.DATABASE, Imports.CATEGORIZATION)) {
            enter(stage);
        }
        session.note(new Note(
                Note.Level.INFO,
                "imported_before",
                "the same file was imported at " + before.created() + "; nothing is new in it",
                Map.of("import", before.job().value())));
        session.facts(new RowFacts(survey.records(), 0, survey.records(), 0));
        session.meter().from(spec.size());
        session.complete(List.of(), false);
    }

    /// @param good by what the rows are known that are not wrong
    /// @param rejects the rows that are wrong
    private record Parsed(Fingerprints good, List<Reject> rejects) {}

    private <R extends ImportedRow> Parsed parse(Reading<R> reading) {
        var parsed = new Parsed(new Fingerprints(reading.counted()), new ArrayList<>());
        Function<R, Fingerprint> fingerprints = reading.fingerprints();
        try (var records = new Records<>(reading);
                var ahead = new Ahead<ImportedRow>("import-rows", records::next)) {
            for (List<ImportedRow> part = ahead.take(); part != null; part = ahead.take()) {
                for (ImportedRow row : part) {
                    stop.awaitDecision();
                    if (row instanceof Reject reject) {
                        parsed.rejects().add(reject);
                    } else {
                        parsed.good().add(fingerprints.apply(reading.type().cast(row)));
                    }
                }
                requireFew(reading, parsed.rejects());
            }
        }
        if (parsed.good().size() == 0 && !parsed.rejects().isEmpty()) {
            ledger.keepRejects(owner, session.id(), new Rejects(reading.head(), parsed.rejects()));
            throw new ProblemException(
                    ErrorCode.TOO_MANY_ERRORS,
                    "none of the " + parsed.rejects().size() + " rows can be read; the first says: "
                            + parsed.rejects().getFirst().message(),
                    Map.of("rejected", parsed.rejects().size()));
        }
        return parsed;
    }

    /// What it fails by can be read all the same.
    private void requireFew(Reading<?> reading, List<Reject> rejects) {
        if (rejects.size() > settings.maxErrors()) {
            ledger.keepRejects(owner, session.id(), new Rejects(reading.head(), rejects));
            Reject first = rejects.getFirst();
            throw new ProblemException(
                    ErrorCode.TOO_MANY_ERRORS,
                    "more than " + settings.maxErrors() + " rows are wrong; the first, in line " + first.line()
                            + ", says: " + first.message(),
                    Map.of("rejected", rejects.size(), "line", first.line()));
        }
    }

    /// Takes what the records are, one after the other, and says how far that is.
    private final class Records<R extends ImportedRow> implements AutoCloseable {
        private final Reading<R> reading;
        private final ImportedRows rows;
        private final long total;
        private long count;

        Records(Reading<R> reading) {
            this.reading = reading;
            total = reading.survey().records();
            rows = reading.rows(file, stop, session.meter()::from);
        }

        @Nullable
        ImportedRow next() {
            ImportedRow row = rows.next();
            if (row == null || ++count % TOLD_EVERY == 0) {
                stop.awaitDecision();
                session.meter().items(count, total);
            }
            return row;
        }

        @Nullable
        R nextGood() {
            ImportedRow row = next();
            while (row instanceof Reject) {
                row = next();
            }
            return row == null ? null : reading.type().cast(row);
        }

        @Override
        public void close() {
            rows.close();
        }
    }

    private <R extends ImportedRow> void store(Reading<R> reading, Verdict verdict, String digest, Parsed parsed) {
        long records = reading.survey().records();
        List<Reject> rejects = parsed.rejects();
        Load.Order order = ledger.order(parsed.good().size(), reading.table());
        try (Load load = ledger.load(order, stop)) {
            long added = load.claim(parsed.good());
            add(reading, load);
            enter(Imports.CATEGORIZATION);
            categorize(reading, load);
            var imported = new Imported(
                    order.number(),
                    session.id(),
                    owner,
                    spec.account(),
                    spec.filename(),
                    spec.size(),
                    verdict.sha256(),
                    records,
                    added,
                    records - rejects.size() - added,
                    rejects.size(),
                    order.firstRow(),
                    load.lastRow(),
                    clock.instant(),
                    null,
                    digest,
                    reading.table(),
                    StoredVerdict.of(verdict));
            load.finish(imported, new Rejects(reading.head(), rejects));
            if (profile != null && !profile.columns().isEmpty() && reading instanceof BankReading bank) {
                load.remember(imported, bank.mapping());
            }
            session.meter().items(records, records);
            session.meter().from(spec.size());
            commit(load, imported);
        }
    }

    private <R extends ImportedRow> void add(Reading<R> reading, Load load) {
        try (var records = new Records<>(reading)) {
            load.add(records::nextGood, reading.destination());
        }
    }

    private void categorize(Reading<?> reading, Load load) {
        switch (reading) {
            case TableReading table ->
                session.note(new Note(
                        Note.Level.INFO,
                        "not_categorized",
                        "the rows of the table " + table.table().name() + " get no categories",
                        Map.of("table", table.table().name())));
            case BankReading bank -> categorize(bank, load);
        }
    }

    private void categorize(BankReading bank, Load load) {
        KnownCorrections corrections = load.corrections(owner);
        Categorizer known = categorizer.get();
        try (var records = new Records<>(bank)) {
            load.categorize(records::nextGood, row -> known.decide(row.booking(), corrections), known.modelVersion());
        }
        load.correct(owner, corrections);
    }

    private Job commit(Load load, Imported imported) {
        return session.commit(new Commit<Imported>() {
            @Override
            public String debtType() {
                return ImportDebt.TYPE;
            }

            @Override
            public Record intent() {
                return new ImportDebt(imported.number());
            }

            @Override
            public Imported publish() {
                load.commit();
                ledger.sync();
                return imported;
            }

            @Override
            public Record facts(Imported result) {
                return RowFacts.of(result);
            }

            @Override
            public boolean survivesPowerCut() {
                return true;
            }
        });
    }

    /// What a file has been taken for.
    ///
    /// @param encodingAssumed whether nothing in the file shows its encoding
    /// @param table in which its rows go; null: they are transactions
    /// @param columns what becomes of each, by its name: a role or, in a table, that which takes its values
    /// @param warnings what a person should know of it, in sentences
    record TableFacts(
            String encoding,
            boolean encodingAssumed,
            String delimiter,
            @Nullable String quote,
            boolean header,
            long records,
            @Nullable String table,
            Map<String, String> columns,
            List<String> warnings) {
        static TableFacts of(Reading<?> reading) {
            Survey survey = reading.survey();
            char quote = survey.dialect().quote();
            OwnTable table = reading.table();
            return new TableFacts(
                    survey.encoding().charset().name(),
                    survey.encoding().assumed(),
                    String.valueOf(survey.dialect().delimiter()),
                    quote == Dialect.NO_QUOTE ? null : String.valueOf(quote),
                    survey.header(),
                    survey.records(),
                    table == null ? null : table.name(),
                    uses(reading),
                    reading.warnings().stream().map(Warning::message).toList());
        }
    }

    private static Map<String, String> uses(Reading<?> reading) {
        var uses = new LinkedHashMap<String, String>();
        reading.survey()
                .columns()
                .forEach(
                        column -> uses.putIfAbsent(column.name(), reading.uses().get(column.index())));
        return uses;
    }

    /// What was seen when the file was scanned.
    record ScanFacts(StoredVerdict scan) {}
}
