package dev.sluice.upload;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.Claim;
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
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Makes uploads and opens them. Safe for use by many threads; every call may block.
public final class Uploads {
    public static final Kind KIND = new Kind("upload");

    static final String TRANSFER = "transfer";
    static final String COMMIT = "commit";
    private static final StagePlan STAGES = StagePlan.of(new Stage(TRANSFER, 0, 99), new Stage(COMMIT, 99, 100));

    /// How long a file that its request has announced may wait to be opened by that same request. It must not
    /// be nothing: whoever looks for expired jobs in between would fail it.
    private static final Duration ANNOUNCED = Duration.ofSeconds(10);

    private final Engine engine;
    private final Storages storages;
    private final Ids ids;
    private final UploadSettings settings;
    private final UploadPolicy policy;
    private final UploadContent content;
    private final LongAdder stored = new LongAdder();
    private final IdleSessions idle = new IdleSessions();

    public Uploads(Engine engine, Storages storages, Ids ids, UploadSettings settings) {
        this.engine = engine;
        this.storages = storages;
        this.ids = ids;
        this.settings = settings;
        this.policy = new UploadPolicy(storages, ids, settings);
        this.content = new UploadContent(storages);
    }

    /// What an initiation made.
    ///
    /// @param batch where one was asked for
    /// @param files in the order of the request
    public record Initiated(@Nullable BatchId batch, List<Job> files) {}

    /// Announces files whose bytes are to come.
    ///
    /// @param asBatch whether they become one sealed batch
    /// @param idempotencyKey the client's word for this submission, or null
    /// @throws ProblemException `invalid_request`, `too_large`, `type_blocked`, `disk_full`, `conflict`, `gone`
    public Initiated initiate(Owner owner, List<FileRequest> files, boolean asBatch, @Nullable String idempotencyKey) {
        policy.requireCount(files.size());
        BatchId batch = asBatch ? ids.batch() : null;
        var jobs = new ArrayList<NewJob>(files.size());
        var needed = new HashMap<String, Long>();
        for (FileRequest file : files) {
            UploadSpec spec = spec(file, null, null);
            jobs.add(job(ids.job(), owner, spec, file.size(), batch, settings.patience(), null));
            needed.merge(spec.storage(), orNone(file.size()), Long::sum);
        }
        needed.forEach((storage, bytes) -> storages.named(storage).requireSpace(bytes));
        var key = idempotencyKey == null
                ? null
                : new JobStore.IdempotencyKey(owner, idempotencyKey, FileRequest.fingerprint(files, asBatch));
        var newBatch = batch == null ? null : new JobStore.NewBatch(batch, owner, KIND, true);
        List<Job> made = engine.submit(jobs, newBatch, key).jobs();
        return new Initiated(made.getFirst().batch(), made);
    }

    /// Announces a file of a client that can resume: it may come in any number of requests.
    ///
    /// @throws ProblemException `invalid_request`, `too_large`, `type_blocked`, `disk_full`; `conflict` where
    ///     the batch takes no more files
    public Job create(Owner owner, Creation asked) {
        JobId id = ids.job();
        FileRequest file = asked.file();
        UploadSpec spec = spec(file.called(id), asked.metadata(), asked.composition());
        Storage storage = storages.named(spec.storage());
        if ((spec.isPiece() || spec.isComposed()) && !storage.shape().readsBack()) {
            throw invalid(
                    "storage \"" + spec.storage() + "\" cannot put a file together of uploads: send it as one upload",
                    "Upload-Concat");
        }
        storage.requireSpace(orNone(file.size()));
        // A piece is nothing that a batch could show.
        BatchId batch = spec.isPiece() ? null : asked.batch();
        if (batch != null) {
            Batch there = engine.jobs()
                    .batch(batch)
                    .filter(known -> known.owner().equals(owner))
                    .orElse(null);
            policy.requirePlace(batch, there);
        }
        NodeId node = asked.atOnce() && !spec.isComposed() ? engine.node() : null;
        Duration patience = node == null ? settings.patience() : ANNOUNCED;
        NewJob job = job(id, owner, spec, file.size(), batch, patience, node);
        var newBatch = batch == null ? null : new JobStore.NewBatch(batch, owner, KIND, false);
        return engine.submit(List.of(job), newBatch, null).jobs().getFirst();
    }

    /// What an upload is to be made of.
    ///
    /// @param asked in the client's words
    /// @throws ProblemException `invalid_request` where one of the uploads is no piece of this owner's; `gone`
    ///     where one has gone into another file, or is cancelled or failed; `conflict` where one is not whole
    ///     or just being used
    public Composition composition(Owner owner, String asked, List<JobId> uploads) {
        return new Composition(
                asked,
                uploads.stream()
                        .map(upload -> new Composition.Piece(upload, requirePiece(owner, upload)))
                        .toList());
    }

    private long requirePiece(Owner owner, JobId id) {
        Job job = engine.jobs()
                .find(id)
                .filter(found -> found.kind().equals(KIND) && found.owner().equals(owner))
                .filter(found -> spec(found).isPiece())
                .orElseThrow(() -> invalid("there is no partial upload " + id, "Upload-Concat"));
        String state = job.state().word();
        if (job.state().ended()) {
            throw new ProblemException(
                    ErrorCode.GONE, "the partial upload " + id + " is " + state, Map.of("state", state));
        }
        Long size = job.totalBytes();
        if (job.state() != JobState.PENDING || job.node() != null || size == null || job.bytes() != size) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "the partial upload " + id + " is not whole, or paused, or just being put together",
                    Map.of("state", state));
        }
        return size;
    }

    /// Who puts uploads together, for the engine to run.
    public JobRunner composer() {
        return new Composer(this);
    }

    /// Opens an upload that is made of others, for its runner.
    UploadSession compose(Session session) {
        Storage storage = storages.named(spec(session.job()).storage());
        return opened(session, storage, Opening.RESUME, true);
    }

    /// An identity for a batch whose files are to [#join] one by one.
    public BatchId newBatch() {
        return ids.batch();
    }

    /// Announces a file that ends with the request that brings it.
    public Job announce(Owner owner, FileRequest file) {
        return announce(owner, file, null, null);
    }

    /// Announces a file that ends with the request that brings it, as one of a batch that is sealed later.
    ///
    /// @param first whether this file makes the batch
    public Job join(Owner owner, FileRequest file, BatchId batch, boolean first) {
        return announce(owner, file, batch, first ? new JobStore.NewBatch(batch, owner, KIND, false) : null);
    }

    private Job announce(Owner owner, FileRequest file, @Nullable BatchId batch, JobStore.@Nullable NewBatch newBatch) {
        UploadSpec spec = spec(file, null, null);
        storages.named(spec.storage()).requireSpace(orNone(file.size()));
        NewJob job = job(ids.job(), owner, spec, file.size(), batch, ANNOUNCED, engine.node());
        return engine.submit(List.of(job), newBatch, null).jobs().getFirst();
    }

    /// The bytes of those that have completed.
    public UploadContent content() {
        return content;
    }

    /// What removing a completed upload leaves, should its file go too; null where there is no file.
    public static JobStore.@Nullable Leftover leftover(Job job) {
        if (!job.kind().equals(KIND)
                || job.state() != JobState.COMPLETED
                || spec(job).isPiece()) {
            return null;
        }
        UploadFacts facts = UploadFacts.of(job);
        return Deposit.content(facts.storage(), facts.ref());
    }

    /// Tries a failed upload again, from its first byte. It waits for a client as one that was just initiated
    /// does, also where the request that was to bring its bytes is over.
    ///
    /// @throws ProblemException as [Engine#retry]
    public Job retry(JobId id) {
        return engine.retry(id, settings.patience());
    }

    /// Lets no file join the batch any more.
    public void seal(BatchId batch) {
        engine.jobs().seal(batch);
    }

    /// Takes hold of an upload to send its bytes; whoever had it before is fenced, but one that was to be kept is
    /// taken over as it is. What an earlier client stored becomes a debt where this one begins anew.
    ///
    /// @throws ProblemException `not_found`; `conflict` where it is paused, completed or failed; `gone` where
    ///     it is cancelled; `disk_full`; what the storage throws
    /// @throws Stopped where it was stopped meanwhile
    public UploadSession open(JobId id, Opening opening) {
        if (opening == Opening.RESUME) {
            Optional<UploadSession> kept = idle.take(id);
            if (kept.isPresent()) {
                return kept.get();
            }
        }
        Job job = engine.job(id);
        requireUpload(job);
        if (spec(job).isComposed()) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN, "upload " + id + " is made of others and takes no bytes of its own");
        }
        boolean resumable = opening.resumable()
                || Optional.ofNullable(job.checkpoint())
                        .map(saved -> saved.as(Checkpoint.class).resumable())
                        .orElse(false);
        Duration patience =
                opening == Opening.ONCE ? Duration.ZERO : resumable ? settings.patience() : settings.lostPatience();
        Session session = engine.attach(id, new Claim(patience));
        if (opening == Opening.RESUME) {
            // Should it not open just now, what is kept is still so much.
            session.meter().from(session.job().bytes());
        }
        try {
            Storage storage = storages.named(spec(session.job()).storage());
            return storage.call(() -> opened(session, storage, opening, resumable));
        } catch (ProblemException e) {
            try (session) {
                UploadSession.end(
                        session, opening == Opening.RESUME, session.job().everRan(), e.problem());
            } catch (RuntimeException failing) {
                e.addSuppressed(failing);
            }
            throw e;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /// Lets a session wait a moment for its client's next request, which [#open] gives it to; then it lets go of the
    /// upload. Whoever calls this touches nothing of it any more, also where it throws.
    ///
    /// @return when the upload expires, should nobody come
    /// @throws ProblemException where the storage cannot keep what has come
    /// @throws Stopped where it was stopped before all that has come was kept
    public @Nullable Instant keep(UploadSession session) {
        Instant expiry;
        try {
            session.keep();
            expiry = session.expiry();
        } catch (RuntimeException e) {
            try (session) {
                throw e;
            }
        }
        idle.keep(session);
        return expiry;
    }

    /// Commits an upload whose last byte has come, should that be all that it lacks: so it is where a crash
    /// came in between.
    ///
    /// @return the job as it then is
    public Job finishIfWhole(Job job) {
        return job.state().ended() || !job.everRan() || spec(job).composition() != null || !isWhole(job)
                ? job
                : settled(job);
    }

    /// Whether all bytes of an upload have come.
    public static boolean isWhole(Job job) {
        Long size = job.totalBytes();
        return size != null && job.bytes() >= size;
    }

    /// Ends whatever has hold of an upload, and commits it where that is all that it lacks: what is then known
    /// of its offset stays until somebody brings more.
    ///
    /// @return the job as it then is
    /// @throws ProblemException `state_unavailable` where the one who has hold of it does not let go in time
    public Job rest(Job job) {
        UploadSpec spec = spec(job);
        if (job.state() == JobState.PAUSED) {
            engine.awaitStopped(job.id());
            return engine.job(job.id());
        }
        if (job.state().ended() || spec.isComposed() || (spec.isPiece() && isWhole(job))) {
            return job;
        }
        boolean held = job.node() != null || engine.holds(job.id());
        return held || isWhole(job) ? settled(job) : job;
    }

    private Job settled(Job job) {
        try (UploadSession session = open(job.id(), Opening.RESUME)) {
            return session.whole() ? storages.named(spec(job).storage()).call(session::finish) : session.released();
        }
    }

    private UploadSession opened(Session session, Storage storage, Opening opening, boolean resumable) {
        UploadSpec spec = spec(session.job());
        Long announced = session.job().totalBytes();
        Deposit deposit = Deposit.open(
                session,
                new Deposit.Order(
                        storages,
                        spec.storage(),
                        spec.filename(),
                        announced == null ? ObjectSpec.UNKNOWN : announced,
                        spec.contentType()),
                opening.fresh());
        try {
            storage.requireSpace(
                    announced == null ? 0 : announced - deposit.upload().durable());
            Checkpoint saved = session.checkpoint(Checkpoint.class).orElse(Checkpoint.NONE);
            return new UploadSession(
                    engine,
                    session,
                    spec,
                    deposit,
                    saved,
                    resumable,
                    // What is made of pieces has no client that would come back.
                    opening == Opening.RESUME && !spec.isComposed(),
                    settings.maxSize(),
                    stored);
        } catch (RuntimeException e) {
            deposit.close();
            throw e;
        }
    }

    /// The bytes of an upload that its storage has kept.
    public long offset(Job job) {
        return engine.progress(job.id())
                .map(progress -> progress.bytes())
                .orElseGet(() -> job.state() == JobState.RUNNING ? rested(job) : job.bytes());
    }

    /// A running job that moves no more has come to rest after it was read, with more bytes than it then had.
    private long rested(Job job) {
        return engine.jobs().find(job.id()).map(Job::bytes).orElse(job.bytes());
    }

    /// The upload of that identity, which a client has sent and which may be anything.
    public Optional<Job> find(String id) {
        return Ids.isIdentifier(id)
                ? engine.jobs().find(new JobId(id)).filter(job -> job.kind().equals(KIND))
                : Optional.empty();
    }

    /// As [#find].
    ///
    /// @throws ProblemException `not_found`
    public Job existing(String id) {
        return find(id).orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no file " + id));
    }

    public static UploadSpec spec(Job job) {
        requireUpload(job);
        return job.spec().as(UploadSpec.class);
    }

    /// All bytes that uploads have stored since the start.
    public long bytesStored() {
        return stored.sum();
    }

    public UploadSettings settings() {
        return settings;
    }

    static void requireUpload(Job job) {
        if (!job.kind().equals(KIND)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no upload " + job.id());
        }
    }

    private static long orNone(@Nullable Long size) {
        return size == null ? 0 : size;
    }

    private UploadSpec spec(FileRequest file, @Nullable String metadata, @Nullable Composition composition) {
        return policy.accept(file, metadata, composition);
    }

    private static NewJob job(
            JobId id,
            Owner owner,
            UploadSpec spec,
            @Nullable Long size,
            @Nullable BatchId batch,
            Duration patience,
            @Nullable NodeId node) {
        boolean runs = spec.isComposed();
        return new NewJob(id, KIND, spec.originalFilename(), owner, batch, STAGES, spec, size, patience, runs, node);
    }

    static ProblemException invalid(String message, String field) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }
}
