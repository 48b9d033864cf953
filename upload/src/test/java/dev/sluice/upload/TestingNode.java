package dev.sluice.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.EngineSettings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Observer;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.db.Database;
import dev.sluice.state.State;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.Durability;
import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.Storages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// A node that takes uploads: a real database, a real folder, the real engine.
final class TestingNode implements AutoCloseable {
    static final UploadSettings SETTINGS = new UploadSettings(
            1 << 20,
            100,
            Set.of("exe"),
            Set.of("application/x-msdownload"),
            Duration.ofSeconds(60),
            Duration.ofHours(24));

    final TestingClock clock = new TestingClock();
    final Ids ids = new Ids(clock);
    final State state;
    final TestingStorage storage;
    final Path files;
    private final Storages storages;
    private final Path folder;
    private final List<Engine> engines = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @SuppressWarnings("NullAway.Init")
    Uploads uploads;

    TestingNode(Path folder) {
        this.folder = folder;
        files = folder.resolve("files");
        storage = new TestingStorage(new LocalStorage(files, Durability.PROCESS, 0));
        storages = new Storages(Map.of("local", storage), "local");
        state = State.open(Database.sqlite(folder.resolve("state.db")), clock, ids, State.Settings.defaults());
        start();
    }

    private void start() {
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
        var started = new Engine(
                state.jobs(),
                state.debts(),
                state.nodes(),
                Deposit.payers(storages),
                new Observer() {},
                clock,
                ids,
                settings);
        engines.add(started);
        engine = started;
        uploads = new Uploads(started, storages, ids, SETTINGS);
        started.start(uploads.composer());
    }

    /// Dies without a word and is started again.
    void crashAndRestart() {
        engine.halt();
        start();
    }

    Job announce(String name, long size) {
        return uploads.initiate(Owner.LOCAL, List.of(new FileRequest(name, size, "text/plain", null)), false, null)
                .files()
                .getFirst();
    }

    UploadSession open(Job job, Opening how) {
        return uploads.open(job.id(), how);
    }

    Job uploaded(String name, byte[] content) {
        try (UploadSession session = open(announce(name, content.length), Opening.FRESH)) {
            session.write(ByteBuffer.wrap(content));
            return session.finish();
        }
    }

    Engine.Cancelled cancel(Job job) {
        return engine.cancel(job.id(), Engine.Asked.now(CancelSource.HTTP_ENDPOINT));
    }

    Job now(Job job) {
        return engine.job(job.id());
    }

    List<EventType> events(JobId job) {
        return state.events().read(0, Long.MAX_VALUE, job, 1_000).stream()
                .map(Event::type)
                .toList();
    }

    /// All that lies in the storage's folder, hidden files too.
    List<String> held() {
        try (Stream<Path> all = Files.list(files)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a client would see.
    List<String> visible() {
        return held().stream().filter(name -> !name.startsWith(".")).toList();
    }

    byte[] stored(Job job) {
        UploadFacts facts = UploadFacts.of(now(job));
        var bytes = ByteBuffer.allocate((int) facts.size());
        try (ObjectContent content =
                uploads.content().read(now(job), new ByteRange(0, facts.size()), new StopToken())) {
            while (bytes.hasRemaining() && content.read(bytes) >= 0) {
                // Until all of it is there.
            }
        }
        return bytes.array();
    }

    void nothingIsLeftOf(Job job) {
        await().untilAsserted(() -> {
            assertThat(state.debts().of(job.id())).isEmpty();
            assertThat(held()).isEmpty();
        });
    }

    void debtsArePaid() {
        await().untilAsserted(() -> assertThat(state.debts().count()).isZero());
    }

    void becomes(Job job, JobState expected) {
        await().untilAsserted(() -> assertThat(now(job).state()).isEqualTo(expected));
    }

    static byte[] bytes(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    static long crc(byte[] content) {
        var crc = new CRC32();
        crc.update(content);
        return crc.getValue();
    }

    static ByteBuffer buffer(int count) {
        return ByteBuffer.wrap(bytes(count));
    }

    static <T> CompletableFuture<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                work, task -> Thread.ofPlatform().daemon().start(task));
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    static void stops(StopReason why, ThrowingCallable call) {
        assertThat(catchThrowable(call))
                .isInstanceOfSatisfying(
                        Stopped.class, stopped -> assertThat(stopped.reason()).isEqualTo(why));
    }

    static ProblemException refuses(ErrorCode code, ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOf(ProblemException.class);
        var problem = (ProblemException) thrown;
        assertThat(problem.code()).isEqualTo(code);
        return problem;
    }

    @Override
    public void close() {
        engines.forEach(Engine::close);
        storage.close();
        state.close();
    }
}
