package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.categories.Categorizer;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.EngineSettings;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Observer;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import dev.sluice.db.Database;
import dev.sluice.scan.ScanMode;
import dev.sluice.scan.ScanSettings;
import dev.sluice.scan.Scanning;
import dev.sluice.state.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A node that does imports: real databases, a real folder, the real engine.
final class TestingNode implements AutoCloseable {
    private static final int MOST_ERRORS = 1_000;
    static final Supplier<Categorizer> CATEGORIZER = new Supplier<>() {
        private final Categorizer loaded = Categorizer.load();

        @Override
        public Categorizer get() {
            return loaded;
        }
    };

    final List<Progress> progress = new CopyOnWriteArrayList<>();
    final Ledger ledger;
    private final Path folder;
    private final ImportSettings settings;
    private final Scanning scanning;
    private final Supplier<Categorizer> categorizer;
    private final State state;
    private final Ids ids = new Ids(Clock.systemUTC());

    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @SuppressWarnings("NullAway.Init")
    Imports imports;

    /// @param database of the ledger
    TestingNode(Path folder, Supplier<Database> database, int maxErrors) {
        this(folder, database, maxErrors, ScanSettings.of(ScanMode.OPTIONAL, null), CATEGORIZER);
    }

    /// @param scanning who looks at the files
    TestingNode(Path folder, Supplier<Database> database, ScanSettings scanning) {
        this(folder, database, MOST_ERRORS, scanning, CATEGORIZER);
    }

    /// @param categorizer is waited for before any row gets a category
    TestingNode(Path folder, Supplier<Database> database, Supplier<Categorizer> categorizer) {
        this(folder, database, MOST_ERRORS, ScanSettings.of(ScanMode.OPTIONAL, null), categorizer);
    }

    private TestingNode(
            Path folder,
            Supplier<Database> database,
            int maxErrors,
            ScanSettings scanning,
            Supplier<Categorizer> categorizer) {
        this.folder = folder;
        this.scanning = new Scanning(scanning);
        this.categorizer = categorizer;
        this.settings = new ImportSettings(1L << 30, 2, maxErrors, ImportSettings.NO_CURRENCY);
        this.ledger = new Ledger(database);
        state = State.open(
                Database.sqlite(folder.resolve("state.db")), Clock.systemUTC(), ids, State.Settings.defaults());
        start();
    }

    private void start() {
        var intervals = new EngineSettings(
                folder.toString(),
                Duration.ofMillis(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                3,
                Duration.ofMillis(20),
                Duration.ofMillis(50),
                Duration.ofSeconds(10),
                Duration.ofHours(24));
        var watching = new Observer() {
            @Override
            public void progress(List<Progress> moved) {
                progress.addAll(moved);
            }

            @Override
            public void cancelled(Cancelled cancelled) {
                imports.cancelled(cancelled.job());
            }
        };
        engine = new Engine(
                state.jobs(),
                state.debts(),
                state.nodes(),
                Imports.payers(ledger, inbox()),
                watching,
                Clock.systemUTC(),
                ids,
                intervals);
        imports = new Imports(engine, ledger, inbox(), ids, Clock.systemUTC(), settings, scanning, categorizer);
        imports.sweep();
        engine.start(imports.runner());
    }

    /// Dies without a word and is started again.
    void crashAndRestart() {
        engine.halt();
        start();
    }

    private Path inbox() {
        return folder.resolve("imports");
    }

    /// What lies there for imports that are to come.
    List<String> waiting() {
        if (!Files.isDirectory(inbox())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(inbox())) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Job submit(String text) {
        return submit(text.getBytes(StandardCharsets.UTF_8));
    }

    Job submit(byte[] content) {
        return submit(content, null);
    }

    Job submit(byte[] content, @Nullable String profile) {
        return submit(content, profile, Owner.LOCAL);
    }

    Job submit(byte[] content, @Nullable String profile, Owner owner) {
        return imports.submit(imports.newBatch(), List.of(sent(content, profile)), owner)
                .getFirst();
    }

    /// Several files in one batch.
    List<Job> submitAll(String... texts) {
        List<Imports.Sent> files = Stream.of(texts)
                .map(text -> sent(text.getBytes(StandardCharsets.UTF_8), null))
                .toList();
        return imports.submit(imports.newBatch(), files, Owner.LOCAL);
    }

    private Imports.Sent sent(byte[] content, @Nullable String profile) {
        JobId job = imports.newJob();
        try {
            Files.write(imports.place(job), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Imports.Sent(job, new ImportSpec("bank.csv", content.length, "main", "EUR", profile));
    }

    Job awaitEnd(Job job) {
        await().atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> engine.job(job.id()).state().ended());
        return engine.job(job.id());
    }

    Job completes(Job job) {
        Job ended = awaitEnd(job);
        if (ended.state() != JobState.COMPLETED) {
            throw new AssertionError(ended.state() + ": " + ended.error());
        }
        return ended;
    }

    Engine.Cancelled cancel(Job job) {
        return engine.cancel(job.id(), Engine.Asked.now(CancelSource.HTTP_ENDPOINT));
    }

    List<Event> told(Job job) {
        return state.events().read(0, Long.MAX_VALUE, job.id(), 1_000);
    }

    List<EventType> events(Job job) {
        return told(job).stream().map(Event::type).toList();
    }

    List<Reject> rejects(Job job) {
        return imports.rejects(Owner.LOCAL, job.id()).orElseThrow().rows();
    }

    /// The codes of what was noted about a job, each with its reason where it has one.
    List<String> notes(Job job) {
        return told(job).stream()
                .filter(event -> event.type() == EventType.NOTE)
                .map(event -> event.data().members())
                .map(note -> note.get("code") + (note.containsKey("reason") ? " " + note.get("reason") : ""))
                .toList();
    }

    List<Booked> booked() {
        return booked(Owner.LOCAL);
    }

    List<Booked> booked(Owner owner) {
        return imports.transactions()
                .list(new BookedQuery(owner.name(), null, null, null, null, 100_000, null))
                .transactions();
    }

    /// Nothing of any import is in the database, and no file waits for one.
    void isEmpty() {
        for (String table : List.of("transactions", "decisions", "fingerprints", "rejects", "imports")) {
            assertThat(rows(table)).as(table).isZero();
        }
        assertThat(waiting()).as("files").isEmpty();
    }

    /// How many rows each table has, seen from outside.
    long rows(String table) {
        return ledger.database()
                .read(handle -> handle.createQuery("SELECT COUNT(*) FROM " + table)
                        .mapTo(Long.class)
                        .one());
    }

    @Override
    public void close() {
        try (ledger;
                state) {
            engine.close();
        }
    }
}
