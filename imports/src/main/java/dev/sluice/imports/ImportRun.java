package dev.sluice.imports;

import dev.sluice.categories.Booking;
import dev.sluice.categories.Categorizer;
import dev.sluice.categories.Corrections;
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
        Table table = understand();
        enter(Imports.SCANNING);
        Verdict verdict = scan();
        Optional<Imported> before = ledger.ofFile(owner, spec.account(), verdict.sha256());
        if (before.isPresent()) {
            passOver(before.get(), table.survey());
            return;
        }
        enter(Imports.PARSING);
        Parsed parsed = parse(table);
        enter(Imports.DATABASE);
        store(table, verdict, parsed);
    }

    /// The meter goes first: the fraction of a stage that is over must not be read as that of the next one.
    private void enter(String stage) {
        session.meter().from(0);
        session.stage(stage);
    }

    private Table understand() {
        Table table = Table.of(file, ledger, owner, profile, stop, session.meter()::from);
        session.facts(TableFacts.of(table));
        table.mapping().check();
        session.meter().items(0, table.survey().records());
        return table;
    }

    private Verdict scan() {
        Verdict verdict;
        try {
            verdict = scanning.scan(file, stop, session.meter()::from);
        } catch (IOException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "the file cannot be read: " + e.getMessage(), e);
        }
        session.facts(new ScanFacts(StoredVerdict.of(verdict)));
        Optional<Problem> refusal = scanning.refusal(verdict);
        if (refusal.isPresent()) {
            throw new ProblemException(refusal.get(), null);
        }
        scanning.notes(verdict).forEach(session::note);
        return verdict;
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

    /// @param rejects the rows that are wrong
    private record Parsed(Fingerprints booked, List<Reject> rejects) {}

    private Parsed parse(Table table) {
        var parsed = new Parsed(new Fingerprints(whose), new ArrayList<>());
        try (var rows = new Records(table);
                var ahead = new Ahead<ImportedRow>("import-rows", rows::next)) {
            for (List<ImportedRow> part = ahead.take(); part != null; part = ahead.take()) {
                for (ImportedRow row : part) {
                    switch (row) {
                        case BookedRow booked -> parsed.booked().add(booked);
                        case Reject reject -> parsed.rejects().add(reject);
                    }
                }
                requireFew(parsed.rejects());
            }
        }
        if (parsed.booked().size() == 0 && !parsed.rejects().isEmpty()) {
            throw new ProblemException(
                    ErrorCode.TOO_MANY_ERRORS,
                    "none of the " + parsed.rejects().size() + " rows can be read; the first says: "
                            + parsed.rejects().getFirst().message(),
                    Map.of("rejected", parsed.rejects().size()));
        }
        return parsed;
    }

    private void requireFew(List<Reject> rejects) {
        if (rejects.size() > settings.maxErrors()) {
            Reject first = rejects.getFirst();
            throw new ProblemException(
                    ErrorCode.TOO_MANY_ERRORS,
                    "more than " + settings.maxErrors() + " rows are wrong; the first, in line " + first.line()
                            + ", says: " + first.message(),
                    Map.of("rejected", rejects.size(), "line", first.line()));
        }
    }

    /// Takes what the records are, one after the other, and says how far that is.
    private final class Records implements AutoCloseable {
        private final TransactionRows rows;
        private final long total;
        private long count;

        Records(Table table) {
            total = table.survey().records();
            rows = TransactionRows.open(
                    file, table.survey(), table.mapping(), whose.currency(), stop, session.meter()::from);
        }

        @Nullable
        ImportedRow next() {
            ImportedRow row = rows.next();
            if (row == null || ++count % TOLD_EVERY == 0) {
                stop.check();
                session.meter().items(count, total);
            }
            return row;
        }

        @Nullable
        BookedRow nextBooked() {
            ImportedRow row = next();
            while (row instanceof Reject) {
                row = next();
            }
            return (BookedRow) row;
        }

        @Override
        public void close() {
            rows.close();
        }
    }

    private void store(Table table, Verdict verdict, Parsed parsed) {
        long records = table.survey().records();
        List<Reject> rejects = parsed.rejects();
        Load.Order order = ledger.order(whose, parsed.booked().size());
        try (Load load = ledger.load(order, stop)) {
            long added = load.claim(parsed.booked());
            add(table, load);
            enter(Imports.CATEGORIZATION);
            categorize(table, load);
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
                    null);
            load.finish(imported, rejects);
            session.meter().items(records, records);
            session.meter().from(spec.size());
            commit(load, imported);
        }
        if (profile != null && !profile.columns().isEmpty()) {
            ledger.remember(owner, table.mapping().header(), table.mapping().byName(), clock.instant());
        }
    }

    private void add(Table table, Load load) {
        try (var rows = new Records(table)) {
            load.add(rows::nextBooked);
        }
    }

    private void categorize(Table table, Load load) {
        Categorizer known = categorizer.get();
        Corrections corrections = ledger.corrections(owner);
        try (var rows = new Records(table)) {
            load.categorize(rows::nextBooked, row -> known.decide(booking(row), corrections), known.modelVersion());
        }
    }

    private static Booking booking(BookedRow row) {
        return new Booking(
                row.description(),
                row.counterparty(),
                row.amountMinor(),
                row.currency() == null ? "" : row.currency(),
                row.bankCategory(),
                row.mcc(),
                null);
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

    /// What a file has been taken for: of its columns those names have roles.
    ///
    /// @param encodingAssumed whether nothing in the file shows its encoding
    /// @param columns the role of each, by its name
    /// @param warnings what a person should know of it, in sentences
    record TableFacts(
            String encoding,
            boolean encodingAssumed,
            String delimiter,
            @Nullable String quote,
            boolean header,
            long records,
            Map<String, String> columns,
            List<String> warnings) {
        static TableFacts of(Table table) {
            Survey survey = table.survey();
            char quote = survey.dialect().quote();
            return new TableFacts(
                    survey.encoding().charset().name(),
                    survey.encoding().assumed(),
                    String.valueOf(survey.dialect().delimiter()),
                    quote == Dialect.NO_QUOTE ? null : String.valueOf(quote),
                    survey.header(),
                    survey.records(),
                    roles(table.mapping()),
                    table.warnings().stream().map(Warning::message).toList());
        }
    }

    private static Map<String, String> roles(Mapping mapping) {
        var roles = new LinkedHashMap<String, String>();
        mapping.byName().forEach((name, role) -> roles.put(name, role.word()));
        return roles;
    }

    /// What was seen when the file was scanned.
    record ScanFacts(StoredVerdict scan) {}
}
