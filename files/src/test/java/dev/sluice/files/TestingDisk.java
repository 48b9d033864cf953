package dev.sluice.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.EngineSettings;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Observer;
import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import dev.sluice.state.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A node that does file operations: a real database, the real engine, real folders. `a` and `b` lie on one disk, `far`
/// on another.
final class TestingDisk implements AutoCloseable {
    private static final Path OTHER_DISK = Path.of("/dev/shm");

    final Path folder;
    final Path a;
    final Path b;
    final Path far;
    final State state;
    private final Clock clock = Clock.systemUTC();
    private final Ids ids = new Ids(clock);
    private final List<Engine> engines = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @SuppressWarnings("NullAway.Init")
    Operations operations;

    TestingDisk(Path folder) throws IOException {
        this.folder = folder;
        a = Files.createDirectory(folder.resolve("a"));
        b = Files.createDirectory(folder.resolve("b"));
        far = Files.createTempDirectory(OTHER_DISK, "sluice-files");
        assertThat(Stat.of(far).device()).isNotEqualTo(Stat.of(a).device());
        state = State.open(Database.sqlite(folder.resolve("state.db")), clock, ids, State.Settings.defaults());
        start();
    }

    void start() {
        var settings = new EngineSettings(
                folder.toString(),
                Duration.ofMillis(20),
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                5,
                Duration.ofMillis(20),
                Duration.ofMillis(50),
                Duration.ofSeconds(10),
                Duration.ofHours(24));
        Path journals = folder.resolve("operations");
        var started = new Engine(
                state.jobs(),
                state.debts(),
                state.nodes(),
                Operations.payers(journals, state.jobs()),
                new Observer() {},
                clock,
                ids,
                settings);
        engines.add(started);
        engine = started;
        operations = new Operations(started, journals, ids);
        started.start(operations.runner());
    }

    /// Dies without a word and is started again.
    void crashAndRestart() {
        engine.halt();
        start();
    }

    // ---- What is asked for

    /// What a test asks for, said step by step.
    static final class Asking {
        private Path base;
        private final Verb verb;
        private final List<String> sources;
        private @Nullable String target;
        private @Nullable String mapping;
        private @Nullable Renaming renaming;
        private Policy policy = Policy.FAIL;
        private @Nullable HashKind verify;
        private boolean manifest;
        private OnCancel onCancel = OnCancel.KEEP;
        private @Nullable Long bandwidth;
        private @Nullable List<String> within;

        private Asking(Path base, Verb verb, Object... sources) {
            this.base = base;
            this.verb = verb;
            this.sources = Arrays.stream(sources).map(Object::toString).toList();
        }

        Asking from(Path folder) {
            base = folder;
            return this;
        }

        Asking policy(Policy wanted) {
            policy = wanted;
            return this;
        }

        Asking verify(HashKind kind) {
            verify = kind;
            return this;
        }

        Asking manifest() {
            manifest = true;
            return verify(HashKind.XXH64);
        }

        Asking rollback() {
            onCancel = OnCancel.ROLLBACK;
            return this;
        }

        Asking bandwidth(long bytes) {
            bandwidth = bytes;
            return this;
        }

        Asking within(Path... roots) {
            within = Arrays.stream(roots).map(Path::toString).toList();
            return this;
        }

        OperationSpec spec() {
            return new OperationSpec(
                    verb,
                    base.toString(),
                    sources,
                    target,
                    mapping,
                    renaming,
                    policy,
                    verify,
                    manifest,
                    verb == Verb.MOVE,
                    onCancel,
                    bandwidth,
                    within,
                    null);
        }
    }

    Asking copy(String target, Object... sources) {
        return to(target, new Asking(folder, Verb.COPY, sources));
    }

    Asking move(String target, Object... sources) {
        return to(target, new Asking(folder, Verb.MOVE, sources));
    }

    private static Asking to(String target, Asking asking) {
        asking.target = target;
        return asking;
    }

    Asking rename(Renaming renaming, Object... sources) {
        var asking = new Asking(folder, Verb.RENAME, sources);
        asking.renaming = renaming;
        return asking;
    }

    Asking mapped(Verb verb, Path mapping) {
        var asking = new Asking(folder, verb);
        asking.mapping = mapping.toString();
        return asking;
    }

    // ---- What is done

    Job begin(Asking asking) {
        return operations.submit(asking.spec(), Owner.LOCAL, null, null);
    }

    Job done(Asking asking) {
        Job job = ended(begin(asking));
        assertThat(job.state()).as(() -> String.valueOf(job.error())).isEqualTo(JobState.COMPLETED);
        return job;
    }

    Job failed(Asking asking) {
        Job job = ended(begin(asking));
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        return job;
    }

    Job ended(Job job) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> now(job).state().ended());
        return now(job);
    }

    Job now(Job job) {
        return engine.job(job.id());
    }

    Engine.Cancelled cancel(Job job) {
        return engine.cancel(job.id(), Engine.Asked.now(CancelSource.HTTP_ENDPOINT));
    }

    void awaitBytes(Job job, long bytes) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> engine.progress(job.id())
                        .filter(now -> now.bytes() >= bytes)
                        .isPresent());
    }

    void nothingIsOwed() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(state.debts().count()).isZero());
    }

    // ---- What lies on the disk

    static Path file(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    static Path file(Path file, int size) throws IOException {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    /// Frames `name.FIRST.exr` to `name.LAST.exr`, each with its own content.
    static void frames(Path folder, String name, int first, int last) throws IOException {
        for (int frame = first; frame <= last; frame++) {
            file(folder.resolve("%s.%04d.exr".formatted(name, frame)), name + " " + frame);
        }
    }

    /// Every file below a folder and what it says; hidden ones too. Folders end with `/`.
    static Map<String, String> all(Path folder) {
        var found = new TreeMap<String, String>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                String name = folder.relativize(path).toString();
                if (Files.isSymbolicLink(path)) {
                    found.put(name, "→ " + Files.readSymbolicLink(path));
                } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    if (!name.isEmpty()) {
                        found.put(name + "/", "");
                    }
                } else {
                    found.put(name, new String(Files.readAllBytes(path), java.nio.charset.StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    static void remove(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() throws IOException {
        engines.forEach(Engine::close);
        state.close();
        remove(far);
    }
}
