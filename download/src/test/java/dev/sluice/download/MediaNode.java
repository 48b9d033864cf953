package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Engine;
import dev.sluice.core.EngineSettings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobRunner;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.NewJob;
import dev.sluice.core.Observer;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.Progress;
import dev.sluice.core.Reachable;
import dev.sluice.core.Session;
import dev.sluice.db.Database;
import dev.sluice.secrets.Vault;
import dev.sluice.state.State;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.Durability;
import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.Storages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// A node that fetches what pages show: a real database, a real folder, the real engine, yt-dlp or what stands in for
/// it.
final class MediaNode implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final Path files;
    final Path work;
    /// Its storage `cloud`.
    final TestingCloud cloud;
    /// Folders in which cookies or a page's URL lay when a run had ended, whosever they were.
    final List<Path> secretsIn = new CopyOnWriteArrayList<>();
    final List<Progress> progress = new CopyOnWriteArrayList<>();
    final Engine engine;
    final Downloads downloads;
    final State state;
    private final Clock clock = Clock.systemUTC();
    private final Ids ids = new Ids(clock);
    private final Storages storages;
    private final Traces traces;

    /// What differs from the usual.
    record Setup(
            Path folder,
            String ytDlp,
            String ffmpeg,
            long maxSize,
            List<String> networks,
            int attempts,
            Patience patience) {
        static Setup in(Path folder) {
            return new Setup(folder, "yt-dlp", "ffmpeg", 1 << 30, List.of("127.0.0.0/8"), 2, TestingNode.SOON);
        }

        Setup ytDlp(String command) {
            return new Setup(folder, command, ffmpeg, maxSize, networks, attempts, patience);
        }

        Setup ffmpeg(String command) {
            return new Setup(folder, ytDlp, command, maxSize, networks, attempts, patience);
        }

        Setup maxSize(long bytes) {
            return new Setup(folder, ytDlp, ffmpeg, bytes, networks, attempts, patience);
        }

        Setup networks(String... allowed) {
            return new Setup(folder, ytDlp, ffmpeg, maxSize, List.of(allowed), attempts, patience);
        }

        Setup patience(Patience with) {
            return new Setup(folder, ytDlp, ffmpeg, maxSize, networks, attempts, with);
        }

        Setup attempts(int times) {
            return new Setup(folder, ytDlp, ffmpeg, maxSize, networks, times, patience);
        }
    }

    MediaNode(Setup setup) {
        Path folder = setup.folder();
        files = folder.resolve("files");
        work = folder.resolve("work");
        var settings = new DownloadSettings(
                setup.maxSize(),
                4,
                4,
                4,
                4,
                null,
                null,
                setup.networks(),
                setup.ytDlp(),
                setup.ffmpeg(),
                work,
                folder.resolve("cookies"));
        cloud = new TestingCloud(folder.resolve("cloud"), false);
        storages =
                new Storages(Map.of("local", new LocalStorage(files, Durability.PROCESS, 0), "cloud", cloud), "local");
        state = State.open(Database.sqlite(folder.resolve("state.db")), clock, ids, State.Settings.defaults());
        traces = Traces.in(folder, state);
        var watching = new Observer() {
            @Override
            public void progress(List<Progress> moved) {
                progress.addAll(moved);
            }
        };
        Map<String, DebtPayer> payers = new HashMap<>(Deposit.payers(storages));
        payers.putAll(Downloads.payers());
        engine = new Engine(
                state.jobs(),
                state.debts(),
                state.nodes(),
                payers,
                watching,
                clock,
                ids,
                new EngineSettings(
                        folder.toString(),
                        Duration.ofMillis(20),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(15),
                        setup.attempts(),
                        Duration.ofMillis(20),
                        Duration.ofMillis(50),
                        Duration.ofSeconds(10),
                        Duration.ofHours(24)));
        var vault = Vault.in(folder.resolve("secrets.key"));
        downloads = new Downloads(
                engine,
                storages,
                ids,
                settings,
                new Secrets(() -> vault),
                new Reachable(setup.networks(), Downloads.ALLOWED),
                setup.patience(),
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault());
        engine.start(new Runner(downloads.media(new Throttles(null, null))));
    }

    /// What a site with plain files only is asked for goes by yt-dlp all the same.
    private final class Runner implements JobRunner {
        private final Media media;

        Runner(Media media) {
            this.media = media;
        }

        @Override
        public boolean takes(Job job) {
            return job.kind().equals(Downloads.KIND);
        }

        @Override
        public void run(Session session) {
            session.started(DownloadRunner.stage(session.job()));
            DownloadSpec spec = Downloads.spec(session.job());
            try {
                media.run(session, spec, Target.of(spec.url()));
            } finally {
                MediaNode.this.places().stream().filter(MediaNode::hasSecrets).forEach(secretsIn::add);
            }
        }
    }

    private static boolean hasSecrets(Path place) {
        return Files.exists(place.resolve(Workplace.PAGE)) || Files.exists(place.resolve(Workplace.COOKIES));
    }

    private NewJob job(JobId id, DownloadSpec spec, Owner owner, @Nullable BatchId batch) {
        return new NewJob(
                id, Downloads.KIND, "page", owner, batch, Downloads.DIRECT, spec, null, Duration.ofDays(1), true, null);
    }

    static DownloadSpec spec(
            String url, @Nullable String quality, @Nullable String format, boolean subtitles, boolean playlist) {
        return new DownloadSpec(
                url, null, "127.0.0.1", "local", quality, format, subtitles, null, playlist, null, null);
    }

    /// At most so many seconds.
    static DownloadSpec limited(String url, int seconds) {
        return limited(url, seconds, null, null);
    }

    static DownloadSpec limited(String url, int seconds, @Nullable String quality, @Nullable String format) {
        return new DownloadSpec(url, null, "127.0.0.1", "local", quality, format, false, seconds, false, null, null);
    }

    /// The same into another storage.
    static DownloadSpec in(String storage, DownloadSpec spec) {
        return new DownloadSpec(
                spec.url(),
                spec.sealed(),
                spec.host(),
                storage,
                spec.quality(),
                spec.format(),
                spec.subtitles(),
                spec.maxDuration(),
                spec.playlist(),
                spec.name(),
                spec.checksum());
    }

    Job submit(String url) {
        return submit(spec(url, null, null, false, false));
    }

    Job submit(DownloadSpec spec) {
        return submit(ids.job(), spec);
    }

    Job submit(JobId id, DownloadSpec spec) {
        return submit(id, spec, Owner.LOCAL);
    }

    Job submit(String url, Owner owner) {
        return submit(ids.job(), spec(url, null, null, false, false), owner);
    }

    private Job submit(JobId id, DownloadSpec spec, Owner owner) {
        return engine.submit(List.of(job(id, spec, owner, null)), null, null)
                .jobs()
                .getFirst();
    }

    Job submitList(String url) {
        BatchId batch = ids.batch();
        return engine.submit(
                        List.of(job(ids.job(), spec(url, null, null, false, true), Owner.LOCAL, batch)),
                        new JobStore.NewBatch(batch, Owner.LOCAL, Downloads.KIND, false),
                        null)
                .jobs()
                .getFirst();
    }

    Job now(Job job) {
        return engine.job(job.id());
    }

    Job becomes(Job job, JobState expected) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            Job now = now(job);
            assertThat(now.state()).as("%s", now.error()).isEqualTo(expected);
        });
        return now(job);
    }

    void fails(Job job, ErrorCode code, String words) {
        Problem error = Objects.requireNonNull(becomes(job, JobState.FAILED).error());
        assertThat(error.code()).as("%s", error.message()).isEqualTo(code);
        assertThat(error.message()).contains(words);
    }

    void reaches(Job job, String stage) {
        await().atMost(PATIENCE)
                .until(() -> now(job).stages()
                        .current()
                        .filter(now -> now.name().equals(stage))
                        .isPresent());
    }

    void downloads(Job job, long bytes) {
        await().atMost(PATIENCE)
                .until(() -> engine.progress(job.id())
                        .filter(now -> now.bytes() >= bytes)
                        .isPresent());
    }

    Engine.Cancelled cancel(Job job) {
        return engine.cancel(job.id(), Engine.Asked.now(CancelSource.HTTP_ENDPOINT));
    }

    List<String> events(Job job) {
        return state.events().read(0, Long.MAX_VALUE, job.id(), 1_000).stream()
                .map(Event::type)
                .map(type -> type.name())
                .toList();
    }

    Path stored(Job job) {
        return files.resolve(String.valueOf(DownloadFacts.of(now(job)).key()));
    }

    /// The folders in which yt-dlp works.
    List<Path> places() {
        return Files.exists(work) ? list(work) : List.of();
    }

    /// The processes that work in them.
    List<ProcessHandle> children() {
        return places().stream()
                .flatMap(place -> Marked.living(place.toString()).stream())
                .toList();
    }

    static List<Path> list(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return new ArrayList<>(all.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void nothingIsLeft() {
        traces.areOnly();
    }

    /// Waits until of all that was done nothing is left but what these have stored.
    void onlyIsLeft(Job... jobs) {
        traces.areOnly(Stream.of(jobs)
                .map(job -> String.valueOf(DownloadFacts.of(now(job)).key()))
                .toArray(String[]::new));
    }

    @Override
    public void close() {
        engine.close();
        storages.close();
        state.close();
    }
}
