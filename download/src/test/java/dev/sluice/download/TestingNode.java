package dev.sluice.download;

import static org.awaitility.Awaitility.await;

import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.EngineSettings;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Observer;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import dev.sluice.core.Reachable;
import dev.sluice.core.StopToken;
import dev.sluice.db.Database;
import dev.sluice.secrets.Vault;
import dev.sluice.state.State;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.Durability;
import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;

/// A node that does downloads: a real database, a real folder, the real engine.
final class TestingNode implements AutoCloseable {
    static final int CONNECTIONS = 4;
    static final Patience SOON = new Patience(
            Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(2), 1024, 3, Duration.ofMillis(10));

    final Path files;
    final Ids ids = new Ids(Clock.systemUTC());
    final State state;
    final Storages storages;
    final List<Progress> progress = new CopyOnWriteArrayList<>();
    private final Path folder;
    private final Traces traces;
    private final DownloadSettings settings;
    private final Reachable reachable;
    private final List<Engine> engines = new ArrayList<>();
    private Patience patience = SOON;
    private SSLSocketFactory secure = (SSLSocketFactory) SSLSocketFactory.getDefault();

    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @SuppressWarnings("NullAway.Init")
    Downloads downloads;

    TestingNode(Path folder) {
        this(folder, new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED), plain -> plain, Map.of());
    }

    TestingNode(Path folder, Reachable reachable, UnaryOperator<DownloadSettings> change, Map<String, Storage> more) {
        this.folder = folder;
        this.reachable = reachable;
        this.files = folder.resolve("files");
        this.settings = change.apply(new DownloadSettings(
                1L << 30,
                8,
                8,
                8,
                CONNECTIONS,
                null,
                null,
                List.of(),
                "yt-dlp",
                "ffmpeg",
                folder.resolve("work"),
                folder.resolve("cookies")));
        var all = new HashMap<>(more);
        all.put("local", new LocalStorage(files, Durability.PROCESS, 0));
        storages = new Storages(all, "local");
        state = State.open(
                Database.sqlite(folder.resolve("state.db")), Clock.systemUTC(), ids, State.Settings.defaults());
        traces = Traces.in(folder, state);
        start();
    }

    /// Servers are trusted that this trusts.
    void trust(SSLSocketFactory factory) {
        secure = factory;
        engine.halt();
        start();
    }

    /// Servers are waited for like this.
    void waitFor(Patience now) {
        patience = now;
        engine.halt();
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
        var payers = new HashMap<>(Deposit.payers(storages));
        payers.putAll(Downloads.payers());
        var watching = new Observer() {
            @Override
            public void progress(List<Progress> moved) {
                progress.addAll(moved);
            }
        };
        var started = new Engine(
                state.jobs(), state.debts(), state.nodes(), payers, watching, Clock.systemUTC(), ids, intervals);
        engines.add(started);
        engine = started;
        var vault = Vault.in(folder.resolve("secrets.key"));
        downloads = new Downloads(
                started, storages, ids, settings, new Secrets(() -> vault), reachable, patience, () -> secure);
        started.start(downloads.runner());
    }

    /// Dies without a word and is started again.
    void crashAndRestart() {
        engine.halt();
        start();
    }

    Job submit(String url) {
        return submit(DownloadRequest.of(url));
    }

    Job submit(DownloadRequest request) {
        return downloads.submit(request, Owner.LOCAL, null, null);
    }

    Job now(Job job) {
        return engine.job(job.id());
    }

    Job awaitEnd(Job job) {
        return awaitState(job, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED);
    }

    Job awaitState(Job job, JobState... states) {
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> List.of(states).contains(now(job).state()));
        return now(job);
    }

    void awaitStage(Job job, String stage) {
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> now(job).stages()
                        .current()
                        .filter(now -> now.name().equals(stage))
                        .isPresent());
    }

    /// Waits until so many bytes have come.
    void awaitBytes(Job job, long bytes) {
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> engine.progress(job.id()).map(Progress::bytes).orElse(0L) >= bytes);
    }

    Engine.Cancelled cancel(Job job) {
        return engine.cancel(job.id(), Engine.Asked.now(CancelSource.HTTP_ENDPOINT));
    }

    List<EventType> events(Job job) {
        return state.events().read(0, Long.MAX_VALUE, job.id(), 1_000).stream()
                .map(event -> event.type())
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

    void awaitNothingHeld() {
        awaitHeld();
    }

    /// Waits until of all that was done nothing else is left.
    void awaitHeld(String... names) {
        traces.areOnly(names);
    }

    byte[] stored(Job job) {
        ObjectRef ref = Downloads.stored(now(job));
        var storage = storages.named(Downloads.spec(job).storage());
        return storage.call(() -> {
            var bytes = ByteBuffer.allocate((int) ref.size());
            try (ObjectContent content = storage.read(ref, new ByteRange(0, ref.size()), new StopToken())) {
                while (bytes.hasRemaining() && content.read(bytes) >= 0) {
                    // Until all of it is there.
                }
            }
            return bytes.array();
        });
    }

    static byte[] bytes(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() {
        engines.getLast().close();
        state.close();
        storages.close();
    }
}
