package dev.sluice.download;

import dev.sluice.core.BatchId;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobRunner;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.secrets.Vault;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.SafeName;
import dev.sluice.storage.Storages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Makes downloads. Safe for use by many threads; every call may block.
public final class Downloads {
    public static final Kind KIND = new Kind("download");

    /// Where addresses that are not public can be allowed.
    static final String ALLOWED = "download.allow-networks";

    static final String PROBE = "probe";
    static final String PREPARE = "prepare";
    static final String DOWNLOAD = "download";
    static final String HANDOVER = "handover";
    static final String UPLOAD = "upload";
    static final String COMMIT = "commit";

    /// Of a file that streams straight into its storage.
    static final StagePlan DIRECT = StagePlan.of(
            new Stage(PROBE, 5, 5), new Stage(PREPARE, 10, 10), new Stage(DOWNLOAD, 15, 97), new Stage(COMMIT, 98, 98));

    /// Of what lies on the disk before it goes into its storage.
    static final StagePlan MEDIA = StagePlan.of(
            new Stage(PROBE, 5, 5),
            new Stage(PREPARE, 10, 10),
            new Stage(DOWNLOAD, 15, 89),
            new Stage(HANDOVER, 90, 90),
            new Stage(UPLOAD, 92, 97),
            new Stage(COMMIT, 98, 98));

    private static final Duration UNUSED_PATIENCE = Duration.ofDays(1);
    /// Of one request, and of one list.
    static final int MOST_URLS = 10_000;

    private final Engine engine;
    private final Storages storages;
    private final Ids ids;
    private final DownloadSettings settings;
    private final Secrets secrets;
    private final Reachable reachable;
    private final Patience patience;
    private final Supplier<SSLSocketFactory> secure;

    /// @param vault seals what must not be shown of URLs
    public Downloads(Engine engine, Storages storages, Ids ids, DownloadSettings settings, Supplier<Vault> vault) {
        this(
                engine,
                storages,
                ids,
                settings,
                new Secrets(vault),
                new Reachable(settings.networks(), Downloads.ALLOWED),
                Patience.STANDARD,
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault());
    }

    Downloads(
            Engine engine,
            Storages storages,
            Ids ids,
            DownloadSettings settings,
            Secrets secrets,
            Reachable reachable,
            Patience patience,
            Supplier<SSLSocketFactory> secure) {
        this.engine = engine;
        this.storages = storages;
        this.ids = ids;
        this.settings = settings;
        this.secrets = secrets;
        this.reachable = reachable;
        this.patience = patience;
        this.secure = secure;
    }

    /// Who pays what downloads leave beside deposits, by type of debt.
    public static Map<String, DebtPayer> payers() {
        return Map.of(MediaDebt.TYPE, Workplace.payer());
    }

    /// Who does them.
    public JobRunner runner() {
        var throttles = new Throttles(settings.bandwidth(), settings.hostBandwidth());
        var means = new Transfer.Means(settings, patience, new Pockets(), throttles);
        return new DownloadRunner(settings, secrets, new Direct(storages, reachable, secure, means), media(throttles));
    }

    /// Who fetches what pages show.
    Media media(Throttles throttles) {
        return new Media(storages, settings, reachable, patience, secure, throttles, entries());
    }

    public DownloadSettings settings() {
        return settings;
    }

    /// Makes the job; it begins as soon as there is a place.
    ///
    /// @param id the client's own, or null
    /// @throws ProblemException `invalid_request`; `target_refused` where the URL names an address that must not be
    ///     reached; `conflict` where the id is taken
    public Job submit(DownloadRequest request, Owner owner, @Nullable JobId id, @Nullable String idempotencyKey) {
        BatchId batch = request.playlist() ? ids.batch() : null;
        NewJob job = job(request, owner, id == null ? ids.job() : id, batch);
        var newBatch = batch == null ? null : new JobStore.NewBatch(batch, owner, KIND, false);
        return engine.submit(List.of(job), newBatch, key(owner, idempotencyKey, Fingerprint.of(id, request)))
                .jobs()
                .getFirst();
    }

    /// Makes a batch of several.
    ///
    /// @throws ProblemException as [#submit]
    public List<Job> submitAll(List<DownloadRequest> requests, Owner owner, @Nullable String idempotencyKey) {
        if (requests.isEmpty() || requests.size() > MOST_URLS) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "a batch has 1 to " + MOST_URLS + " URLs");
        }
        BatchId batch = ids.batch();
        List<NewJob> jobs = requests.stream()
                .map(request -> job(request, owner, ids.job(), batch))
                .toList();
        return engine.submit(
                        jobs,
                        new JobStore.NewBatch(batch, owner, KIND, true),
                        key(owner, idempotencyKey, Fingerprint.of(requests)))
                .jobs();
    }

    private static JobStore.@Nullable IdempotencyKey key(Owner owner, @Nullable String key, String fingerprint) {
        return key == null ? null : new JobStore.IdempotencyKey(owner, key, "download " + fingerprint);
    }

    private NewJob job(DownloadRequest request, Owner owner, JobId id, @Nullable BatchId batch) {
        Target target = Target.of(request.url());
        reachable.requireNamed(target.host());
        if (request.checksum() != null) {
            Checksum.of(request.checksum());
            requireNoList(request, "checksum");
        }
        if (request.name() != null) {
            requireNoList(request, "name");
        }
        MediaChoice.of(request.quality(), request.format());
        String name = request.name() == null ? null : SafeName.of(request.name());
        var spec = new DownloadSpec(
                target.shown(),
                secrets.seal(id, target),
                target.host(),
                storages.resolve(request.storage()),
                request.quality(),
                request.format(),
                request.subtitles(),
                request.maxDuration(),
                request.playlist(),
                name,
                request.checksum());
        return new NewJob(
                id,
                KIND,
                name == null ? target.filename() : name,
                owner,
                batch,
                DIRECT,
                spec,
                null,
                UNUSED_PATIENCE,
                true,
                null,
                request.notBefore());
    }

    private static void requireNoList(DownloadRequest request, String field) {
        if (request.playlist()) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a playlist has no one " + field + ": leave it out, or ask for an entry by its own URL",
                    Map.of("field", field));
        }
    }

    /// The entries of a list become jobs of its batch that want what the list's own job does.
    Entries entries() {
        return new BatchEntries();
    }

    private final class BatchEntries implements Entries {
        @Override
        public Added add(Job list, String url) {
            JobStore.Submitted submitted;
            try {
                submitted = submit(list, url);
            } catch (ProblemException e) {
                BatchId batch = list.batch();
                if (e.code() != ErrorCode.CONFLICT || batch == null) {
                    throw e;
                }
                // A batch that has stood still, as one whose list had failed, is sealed in the end.
                engine.jobs().unseal(batch);
                submitted = submit(list, url);
            }
            if (submitted.jobs().getFirst().state() == JobState.CANCELLED && isCancelled(list)) {
                return Added.CANCELLED;
            }
            return submitted.repeated() ? Added.KNOWN : Added.NEW;
        }

        private JobStore.Submitted submit(Job list, String url) {
            DownloadSpec wanted = spec(list);
            var request = new DownloadRequest(
                    url,
                    wanted.quality(),
                    wanted.format(),
                    wanted.subtitles(),
                    wanted.maxDuration(),
                    false,
                    wanted.storage(),
                    null,
                    null,
                    null);
            NewJob job = job(request, list.owner(), ids.job(), list.batch());
            String word = list.id() + " " + Fingerprint.of(url);
            return engine.submit(List.of(job), null, key(list.owner(), word, Fingerprint.of(null, request)));
        }

        /// Somebody may have cancelled that one job.
        private boolean isCancelled(Job list) {
            BatchId batch = list.batch();
            return batch != null
                    && engine.jobs()
                            .batch(batch)
                            .filter(found -> found.cancelledAt() != null)
                            .isPresent();
        }

        @Override
        public void seal(BatchId batch) {
            engine.jobs().seal(batch);
        }
    }

    public static DownloadSpec spec(Job job) {
        requireDownload(job);
        return job.spec().as(DownloadSpec.class);
    }

    /// What a cancel did.
    ///
    /// @param decided when
    /// @param stopped whether the nodes that ran what was cancelled have been told
    public record Cancelled(JobId id, Instant decided, boolean stopped) {}

    /// Cancels a download; a list with all that has come of it, also once it is whole.
    ///
    /// @throws ProblemException `not_cancellable` (with `state`) where it has ended, of a list all of it
    public Cancelled cancel(Job download, Engine.Asked asked) {
        BatchId batch = download.batch();
        if (batch != null && spec(download).playlist() && isOpen(batch)) {
            Engine.BatchCancelled done = engine.cancelBatch(batch, asked);
            if (!done.again()) {
                return new Cancelled(download.id(), done.decided(), done.stopped());
            }
        }
        Engine.Cancelled done = engine.cancel(download.id(), asked);
        if (done.again()) {
            throw endedAlready(download, done.job().state().word());
        }
        return new Cancelled(
                download.id(), done.receipt().decided(), done.receipt().stopped());
    }

    /// Whether anything in it has not ended: a list that has failed may be tried again, unless its batch is cancelled.
    private boolean isOpen(BatchId batch) {
        return engine.jobs()
                .batch(batch)
                .filter(list -> list.counts().ended() < list.counts().total())
                .isPresent();
    }

    private static ProblemException endedAlready(Job download, String state) {
        return new ProblemException(
                ErrorCode.NOT_CANCELLABLE,
                "download " + download.id() + " is " + state + " already",
                Map.of("state", state));
    }

    /// The download of that identity, which a client has sent and which may be anything.
    public Optional<Job> find(String id) {
        return Ids.isIdentifier(id)
                ? engine.jobs().find(new JobId(id)).filter(job -> job.kind().equals(KIND))
                : Optional.empty();
    }

    /// As [#find].
    ///
    /// @throws ProblemException `not_found`
    public Job existing(String id) {
        return find(id).orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no download " + id));
    }

    /// Tries a failed download again.
    ///
    /// @throws ProblemException as [Engine#retry]
    public Job retry(JobId id) {
        return engine.retry(id, UNUSED_PATIENCE);
    }

    /// Where what a completed download has fetched is stored.
    ///
    /// @throws ProblemException `conflict` (with `state`) where it has not completed; `gone` where it has fetched
    ///     nothing by itself
    public static ObjectRef stored(Job job) {
        requireDownload(job);
        if (job.state() != JobState.COMPLETED) {
            String state = job.state().word();
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "download " + job.id() + " is " + state + "; only what has completed can be read",
                    Map.of("state", state));
        }
        DownloadFacts facts = DownloadFacts.of(job);
        if (facts.key() == null || facts.fileSize() == null) {
            throw new ProblemException(
                    ErrorCode.GONE, "download " + job.id() + " was a list: its entries are jobs of their own");
        }
        return new ObjectRef(facts.key(), facts.fileSize(), facts.stamp());
    }

    /// What removing a completed download leaves, should its file go too; null where there is no file.
    public static JobStore.@Nullable Leftover leftover(Job job) {
        boolean stored = job.kind().equals(KIND)
                && job.state() == JobState.COMPLETED
                && DownloadFacts.of(job).key() != null;
        return stored ? Deposit.content(spec(job).storage(), stored(job)) : null;
    }

    private static void requireDownload(Job job) {
        if (!job.kind().equals(KIND)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no download " + job.id());
        }
    }
}
