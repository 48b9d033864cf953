package dev.sluice.core;

import static dev.sluice.core.JobState.CANCELLED;
import static dev.sluice.core.JobState.FAILED;
import static dev.sluice.core.JobState.PAUSED;
import static dev.sluice.core.JobState.PENDING;
import static dev.sluice.core.JobState.RUNNING;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs jobs: changes their states, lets clients attach, stops them, recovers them after a crash, pays their
/// debts.
///
/// A state changes by one compare-and-set transaction in the [JobStore]; whoever loses it learns so at once.
/// Only after such a decision is recorded are those told who work on the job. All calls may block on the
/// database and throw [ProblemException]. Safe for use by many threads.
public final class Engine implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Engine.class);

    /// Of how many waiting jobs the positions are told.
    private static final int QUEUE = 10_000;

    private final JobStore jobs;
    private final DebtStore debtStore;
    private final Clock clock;
    private final NodeId node;
    private final EngineSettings settings;
    private final Observer observer;
    private final Live live = new Live();
    private final Debts debts;
    private final AtomicBoolean draining = new AtomicBoolean();
    private volatile Quotas quotas = Quotas.NONE;
    private final Runs runs;
    private final Keeper keeper;
    private final Receipts receipts;

    public Engine(
            JobStore jobs,
            DebtStore debtStore,
            NodeStore nodes,
            Map<String, DebtPayer> payers,
            Observer observer,
            Clock clock,
            Ids ids,
            EngineSettings settings) {
        this.jobs = jobs;
        this.debtStore = debtStore;
        this.clock = clock;
        this.settings = settings;
        this.observer = observer;
        this.node = ids.node();
        this.debts = new Debts(this, payers);
        this.receipts = new Receipts(this, debts);
        this.runs = new Runs(this);
        this.keeper = new Keeper(this, nodes, live, debts);
    }

    /// Joins the nodes, takes over what a predecessor on the same folder left, and begins to tick.
    ///
    /// @param runners of the jobs that have no client
    public void start(JobRunner... runners) {
        runs.by(List.of(runners));
        debts.recall();
        keeper.start();
    }

    /// Lets owners begin no more than this from now on.
    public void limit(Quotas allowed) {
        quotas = allowed;
    }

    public NodeId node() {
        return node;
    }

    // ---- Submitting and looking up

    public JobStore.Submitted submit(
            List<NewJob> newJobs, JobStore.@Nullable NewBatch batch, JobStore.@Nullable IdempotencyKey key) {
        if (draining.get()) {
            throw new ProblemException(ErrorCode.STATE_UNAVAILABLE, "this server is going down and takes nothing new");
        }
        newJobs.stream()
                .collect(Collectors.groupingBy(NewJob::owner))
                .forEach((owner, theirs) -> quotas.take(owner, theirs));
        JobStore.Submitted submitted = jobs.submit(newJobs, batch, key, now());
        submitted.jobs().forEach(runs::offer);
        return submitted;
    }

    public JobStore jobs() {
        return jobs;
    }

    /// @throws ProblemException `not_found`
    public Job job(JobId id) {
        return jobs.find(id).orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no job " + id));
    }

    /// How far a job that runs here is just now.
    public Optional<Progress> progress(JobId id) {
        return newest(id)
                .filter(session -> session.fence() > 0 && session.job().state() == RUNNING)
                .map(Session::read);
    }

    /// The progress samples of a job, oldest first, at most 300.
    public List<Progress.Sample> history(JobId id) {
        return newest(id).flatMap(Session::history).orElseGet(() -> jobs.history(id));
    }

    // ---- Attaching

    /// Gives a client hold of its job and fences whoever had it before. Returns once that one has let go, a
    /// wait between two attempts is over, and what an interrupted commit left has been taken back.
    ///
    /// @throws ProblemException `not_found`; `conflict` where the job is paused, completed or failed; `gone`
    ///     where it is cancelled
    /// @throws Stopped where the session was stopped before it began
    public Session attach(JobId id, Claim claim) {
        return attach(id, claim, null);
    }

    /// Gives a runner hold of a job that waits for one.
    ///
    /// @throws ProblemException `conflict` where it has been taken since it was read
    Session take(Job job) {
        return attach(job.id(), Claim.OF_RUNNER, job.fence());
    }

    private Session attach(JobId id, Claim claim, @Nullable Long fence) {
        if (draining.get()) {
            throw new Stopped(StopReason.DRAINING);
        }
        var session = new Session(this, id, claim);
        live.enter(session);
        try {
            Job claimed = claim(id, claim, fence);
            session.claimed(claimed, claimed.bytes() > 0 ? jobs.history(id) : List.of());
            awaitThoseBefore(session);
            awaitNextAttempt(session);
            debts.takeBack(id);
            session.stop().check();
            if (draining.get()) {
                throw new Stopped(StopReason.DRAINING);
            }
            return session;
        } catch (RuntimeException e) {
            session.release();
            throw e;
        } catch (InterruptedException e) {
            session.release();
            Thread.currentThread().interrupt();
            throw new Stopped(StopReason.DRAINING);
        }
    }

    private Job claim(JobId id, Claim claim, @Nullable Long fence) {
        var change = Change.of(id, now(), PENDING, RUNNING)
                .voidFence()
                .set(Change.Column.NODE, node)
                .set(Change.Column.EXPIRES, null);
        Duration patience = claim.patience();
        if (patience != null) {
            change.set(Change.Column.PATIENCE_MILLIS, patience.toMillis());
        }
        if (fence != null) {
            change.heldBy(fence);
        }
        return jobs.change(change).orElseThrow(() -> refusal(job(id)));
    }

    private static ProblemException refusal(Job job) {
        String state = job.state().word();
        ErrorCode code = job.state() == CANCELLED ? ErrorCode.GONE : ErrorCode.CONFLICT;
        return new ProblemException(
                code, "job " + job.id() + " is " + state + " and takes no bytes", Map.of("state", state));
    }

    private void awaitThoseBefore(Session session) throws InterruptedException {
        List<Session> others = live.of(session.id());
        for (Session other : others) {
            if (other != session && other.fence() > session.fence()) {
                session.stop().fire(StopReason.FENCED);
            }
        }
        session.stop().check();
        for (Session other : others) {
            if (other.isBefore(session)) {
                other.stop().fire(StopReason.FENCED);
            }
        }
        for (Session other : others) {
            if (other.isBefore(session) && !other.awaitReleased(settings.handOver())) {
                throw busy(session.id());
            }
        }
    }

    private void awaitNextAttempt(Session session) throws InterruptedException {
        Instant notBefore = session.job().notBefore();
        if (notBefore == null) {
            return;
        }
        var stopped = new CountDownLatch(1);
        StopToken.Registration hung = session.stop().onStop(why -> stopped.countDown());
        try {
            long millis = Duration.between(now(), notBefore).toMillis();
            if (millis > 0 && stopped.await(millis, TimeUnit.MILLISECONDS)) {
                session.stop().check();
            }
        } finally {
            hung.close();
        }
    }

    void released(Session session) {
        try {
            session.history().ifPresent(samples -> jobs.saveHistory(session.id(), samples));
        } catch (ProblemException e) {
            log.warn("[{}] the history of its progress could not be saved", session.id(), e);
        }
        live.leave(session);
        if (session.fence() == 0 || node.equals(session.job().node())) {
            keeper.orphaned(session.id());
        }
        debts.wake(session.id());
    }

    /// Learns why a session can no longer write, and tells it.
    StopReason lost(Session session) {
        session.stop().fire(Session.reasonOf(jobs.find(session.id())));
        return session.stop().reason().orElse(StopReason.FENCED);
    }

    // ---- Deciding

    /// Who asks to stop something, and when the request arrived.
    ///
    /// @param arrivedNanos by [System#nanoTime]
    public record Asked(CancelSource by, long arrivedNanos) {
        public static Asked now(CancelSource by) {
            return new Asked(by, System.nanoTime());
        }
    }

    /// What a cancel was answered.
    ///
    /// @param again whether the job had been cancelled before: then this is the first receipt
    public record Cancelled(Job job, CancelReceipt receipt, boolean again) {}

    /// Cancels a job. Once this returns nothing more of it is handed on by this node but its clean-up.
    ///
    /// @throws ProblemException `not_found`; `not_cancellable` (with `state`) where it has completed or failed
    public Cancelled cancel(JobId id, Asked asked) {
        return holding(live.of(id).stream(), () -> decideToCancel(id, asked));
    }

    /// Nothing of them is handed on while it is being decided about them.
    private static <T> T holding(Stream<Session> sessions, Supplier<T> decision) {
        List<StopToken.Hold> held =
                sessions.map(session -> session.stop().hold()).toList();
        try {
            return decision.get();
        } finally {
            held.forEach(StopToken.Hold::close);
        }
    }

    private Cancelled decideToCancel(JobId id, Asked asked) {
        Instant decided = now();
        // Once it is told it may let go before the receipt is written, which asks it how far it was.
        Optional<Session> working = newest(id);
        long bytes = working.map(session -> session.meter().bytes())
                .orElseGet(() -> jobs.find(id).map(Job::bytes).orElse(0L));
        var atDecision = CancelReceipt.atDecision(
                id, decided, millisSince(asked.arrivedNanos()), bytes, CancelReceipt.Cleanup.OWED, asked.by());
        Optional<Job> changed = jobs.change(Change.of(id, decided, PENDING, RUNNING, PAUSED)
                .to(CANCELLED)
                .voidFence()
                .set(Change.Column.WAITING, null)
                .set(Change.Column.EXPIRES, null)
                .set(Change.Column.ENDED, decided)
                .set(Change.Column.CANCELLED_BY, asked.by())
                .set(Change.Column.RECEIPT, atDecision)
                .tell(EventType.CANCELLED, atDecision.members()));
        if (changed.isEmpty()) {
            return cancelledBefore(id);
        }
        double requestMillis = millisSince(asked.arrivedNanos());
        tell(id, StopReason.CANCELLED);
        return new Cancelled(
                changed.get(),
                receipts.write(changed.get(), newest(id).or(() -> working), asked, decided, requestMillis),
                false);
    }

    private Cancelled cancelledBefore(JobId id) {
        Optional<CancelReceipt> unsaved = receipts.unsaved(id);
        Job job = job(id);
        if (job.state() != CANCELLED) {
            String state = job.state().word();
            throw new ProblemException(
                    ErrorCode.NOT_CANCELLABLE, "job " + job.id() + " is " + state + " already", Map.of("state", state));
        }
        CancelReceipt first = unsaved.orElse(job.receipt());
        if (first == null) {
            // Born cancelled, into a batch that was cancelled before: nothing of it ever was.
            first = new CancelReceipt(
                    id, true, job.created(), 0, null, 0, CancelReceipt.Cleanup.DONE, CancelSource.BATCH_CANCEL);
        }
        return new Cancelled(job, first, true);
    }

    /// The receipts of a batch that was cancelled before.
    public List<CancelReceipt> receipts(BatchId batch) {
        return jobs.jobsOf(batch).stream()
                .flatMap(job -> receipts.unsaved(job.id()).or(() -> Optional.ofNullable(job.receipt())).stream())
                .toList();
    }

    /// What the cancel of a batch did.
    public record BatchCancelled(Batch batch, Instant decided, List<CancelReceipt> receipts, int alreadyEnded) {
        /// Whether it was over or cancelled before, so that nothing has changed.
        public boolean again() {
            return receipts.isEmpty() && !decided.equals(batch.cancelledAt());
        }

        public boolean stopped() {
            return receipts.stream().allMatch(CancelReceipt::stopped);
        }
    }

    /// Cancels every job of a batch that has not ended, and whatever joins it later.
    ///
    /// @throws ProblemException `not_found`
    public BatchCancelled cancelBatch(BatchId id, Asked asked) {
        return holding(live.all().filter(session -> session.isOf(id)), () -> decideToCancel(id, asked));
    }

    private BatchCancelled decideToCancel(BatchId id, Asked asked) {
        Instant decided = now();
        Map<JobId, Session> working = live.all()
                .filter(session -> session.isOf(id))
                .collect(Collectors.toMap(Session::id, session -> session, Engine::newer));
        JobStore.BatchCancelled done = jobs.cancelBatch(id, asked.by(), decided)
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no batch " + id));
        double requestMillis = millisSince(asked.arrivedNanos());
        done.cancelled().forEach(job -> tell(job.id(), StopReason.CANCELLED));
        return new BatchCancelled(
                done.batch(),
                decided,
                done.cancelled().stream()
                        .map(job -> receipts.write(
                                job,
                                newest(job.id()).or(() -> Optional.ofNullable(working.get(job.id()))),
                                asked,
                                decided,
                                requestMillis))
                        .toList(),
                done.alreadyEnded());
    }

    /// Pauses a job; its client is told, what it has stored stays.
    ///
    /// @throws ProblemException `not_found`; `conflict` (with `state`) where it can't be paused
    public Job pause(JobId id) {
        Instant now = now();
        Change change = Change.of(id, now, PENDING, RUNNING)
                .to(PAUSED)
                .set(Change.Column.WAITING, null)
                .set(Change.Column.NODE, null)
                .set(Change.Column.EXPIRES, now.plus(settings.pause()))
                .tell(EventType.PAUSED, Map.of());
        newest(id)
                .filter(session -> session.fence() > 0)
                .ifPresent(session -> change.set(
                                Change.Column.BYTES, session.meter().bytes())
                        .set(Change.Column.PERCENT, session.percent()));
        Job paused = jobs.change(change).orElseThrow(() -> cannot("paused", id));
        tell(id, StopReason.PAUSED);
        return paused;
    }

    /// Lets a paused job go on: it waits for its client, or for a place.
    ///
    /// @throws ProblemException `not_found`; `conflict` (with `state`) where it is not paused
    public Job resume(JobId id) {
        Instant now = now();
        Job before = job(id);
        Job resumed = jobs.change(letWait(Change.of(id, now, PAUSED), before)
                        .to(PENDING)
                        .voidFence()
                        .tell(EventType.RESUMED, Map.of()))
                .orElseThrow(() -> cannot("resumed", id));
        runs.offer(resumed);
        return resumed;
    }

    /// The jobs of a kind that wait for a place, in the order in which they get one.
    public List<JobId> queue(Kind kind) {
        return jobs.queue(kind, QUEUE);
    }

    /// Gives a job another position among those of its kind that wait for a place.
    ///
    /// @param position from 1; beyond the last one: the last
    /// @throws ProblemException `not_found`; `conflict` (with `state`) where it does not wait
    public Job move(JobId id, int position) {
        Job job = job(id);
        List<JobId> others = new ArrayList<>(queue(job.kind()));
        if (!others.remove(id)) {
            throw cannot("moved in the queue", id);
        }
        int place = Math.clamp(position - 1L, 0, others.size());
        Long before = place == 0 ? null : (Long) job(others.get(place - 1)).rank();
        Long after =
                place == others.size() ? null : (Long) job(others.get(place)).rank();
        if (before != null && after != null && after - before < 2) {
            others.subList(place, others.size()).reversed().forEach(this::makeRoom);
            return move(id, position);
        }
        long rank = before == null
                ? (after == null ? job.rank() : after - Job.RANKS_PER_MICRO)
                : after == null ? before + Job.RANKS_PER_MICRO : before + (after - before) / 2;
        return rank(id, rank);
    }

    private void makeRoom(JobId behind) {
        rank(behind, job(behind).rank() + Job.RANKS_PER_MICRO);
    }

    private Job rank(JobId id, long rank) {
        Job moved = jobs.change(Change.of(id, now(), PENDING)
                        .set(Change.Column.RANK, rank)
                        .tell(
                                EventType.NOTE,
                                new Note(Note.Level.INFO, "moved", "the job has another turn", Map.of()).members()))
                .orElseThrow(() -> cannot("moved in the queue", id));
        runs.offer(moved);
        return moved;
    }

    /// The job waits for whoever works on it.
    Change letWait(Change change, Job job) {
        return letWait(change, job, Duration.ofMillis(job.patienceMillis()));
    }

    private Change letWait(Change change, Job job, Duration patience) {
        boolean runs = this.runs.runner(job).isPresent();
        return change.set(Change.Column.WAITING, runs ? Waiting.SLOT : Waiting.CLIENT)
                .set(Change.Column.EXPIRES, runs ? null : change.at().plus(patience));
    }

    /// Tries a failed job again, from its beginning.
    ///
    /// @param patience how long it waits for its client
    /// @throws ProblemException `not_found`; `conflict` (with `state`) where it has not failed, or its batch is
    ///     cancelled; `state_unavailable` where the last attempt is not cleaned up yet
    public Job retry(JobId id, Duration patience) {
        Job before = job(id);
        if (before.state() == FAILED && !debts.settle(id)) {
            throw new ProblemException(
                    ErrorCode.STATE_UNAVAILABLE, "the last attempt of job " + id + " is not cleaned up yet; try again");
        }
        requireOpenBatch(before);
        Instant now = now();
        Job retried = jobs.change(letWait(Change.of(id, now, FAILED), before, patience)
                        .to(PENDING)
                        .voidFence()
                        .unlessBatchCancelled()
                        .set(Change.Column.ATTEMPT, 1)
                        .set(Change.Column.NOT_BEFORE, null)
                        .set(Change.Column.ERROR, null)
                        .set(Change.Column.ENDED, null)
                        .set(Change.Column.CHECKPOINT, null)
                        .set(Change.Column.BYTES, 0L)
                        .set(Change.Column.PERCENT, 0.0)
                        .set(Change.Column.PATIENCE_MILLIS, patience.toMillis())
                        .tell(EventType.RETRYING, Map.of("attempt", 1)))
                .orElseThrow(() -> cannot("retried", id));
        runs.offer(retried);
        return retried;
    }

    private void requireOpenBatch(Job job) {
        BatchId batch = job.batch();
        if (batch != null
                && jobs.batch(batch).filter(one -> one.cancelledAt() != null).isPresent()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "job " + job.id() + " cannot be retried: its batch " + batch + " is cancelled; send the file anew",
                    Map.of("state", job.state().word()));
        }
    }

    /// Forgets an ended job and takes away what it leaves.
    ///
    /// @throws ProblemException `not_found`; `conflict` (with `state`) where it has not ended
    public void remove(JobId id, JobStore.@Nullable Leftover leftover) {
        if (!jobs.remove(id, leftover, now())) {
            throw cannot("removed", id);
        }
        debts.settle(id);
    }

    /// Forgets an ended batch whose jobs are forgotten.
    ///
    /// @throws ProblemException `conflict` where it has jobs, or more may join
    public void removeBatch(BatchId id) {
        if (!jobs.removeBatch(id)) {
            throw new ProblemException(ErrorCode.CONFLICT, "batch " + id + " has not ended; cancel it first");
        }
    }

    /// Pays what is due of a job now.
    ///
    /// @return whether the job owes nothing any more
    public boolean settle(JobId id) {
        return debts.settle(id);
    }

    /// Whether a client of this node has hold of the job.
    public boolean holds(JobId id) {
        return live.of(id).stream().anyMatch(session -> !session.stop().stopped());
    }

    /// Waits until whoever was told to stop working on the job has let go of it.
    ///
    /// @throws ProblemException `state_unavailable` where that takes too long
    public void awaitStopped(JobId id) {
        try {
            for (Session session : live.of(id)) {
                if (session.stop().stopped() && !session.awaitReleased(settings.handOver())) {
                    throw busy(id);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Stopped(StopReason.DRAINING);
        }
    }

    private static ProblemException busy(JobId id) {
        return new ProblemException(
                ErrorCode.STATE_UNAVAILABLE,
                "an earlier connection of job " + id + " is still busy in its storage; try again");
    }

    void settleSoon(JobId id) {
        debts.wake(id);
    }

    private ProblemException cannot(String done, JobId id) {
        String state = job(id).state().word();
        return new ProblemException(
                ErrorCode.CONFLICT, "job " + id + " is " + state + " and cannot be " + done, Map.of("state", state));
    }

    private void tell(JobId id, StopReason why) {
        live.of(id).forEach(session -> session.stop().fire(why));
    }

    /// Stops taking clients, asks those that are here to come back elsewhere, and waits for them to let go.
    public void drain(Duration atMost) {
        draining.set(true);
        live.all().forEach(session -> session.stop().fire(StopReason.DRAINING));
        long deadline = System.nanoTime() + atMost.toNanos();
        long late = live.all().filter(session -> !released(session, deadline)).count();
        if (late > 0) {
            log.warn(
                    "{} clients have not let go in {} s; the next start takes their jobs over",
                    late,
                    atMost.toSeconds());
        }
    }

    private static boolean released(Session session, long deadlineNanos) {
        try {
            return session.awaitReleased(Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Drains, leaves the nodes, ends the engine's threads.
    @Override
    public void close() {
        if (!live.isEmpty()) {
            drain(settings.handOver());
        }
        runs.close();
        keeper.halt();
        draining.set(true);
        debts.close();
        if (live.isEmpty()) {
            keeper.leave();
        }
    }

    /// Ends the engine's threads and saves nothing, as a crash would.
    public void halt() {
        runs.halt();
        keeper.halt();
        draining.set(true);
    }

    // ---- For the rest of the engine

    Runs runs() {
        return runs;
    }

    DebtStore debts() {
        return debtStore;
    }

    Observer observer() {
        return observer;
    }

    EngineSettings settings() {
        return settings;
    }

    /// The time as a store keeps it, so that an answer and what is read later name the same moment.
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    boolean isFree(JobId id) {
        return live.of(id).isEmpty();
    }

    /// A wait before the attempt after this one: full jitter under a ceiling that doubles.
    Duration backOff(int attempt) {
        long ceiling = Math.min(
                settings.lastBackOff().toMillis(), settings.firstBackOff().toMillis() << Math.min(attempt - 1, 30));
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(1, Math.max(2, ceiling + 1)));
    }

    private Optional<Session> newest(JobId id) {
        return live.of(id).stream().reduce(Engine::newer);
    }

    private static Session newer(Session one, Session other) {
        return one.fence() >= other.fence() ? one : other;
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }
}
