package dev.sluice.core;

import static dev.sluice.core.JobState.CANCELLED;
import static dev.sluice.core.JobState.COMPLETED;
import static dev.sluice.core.JobState.FAILED;
import static dev.sluice.core.JobState.PAUSED;
import static dev.sluice.core.JobState.PENDING;
import static dev.sluice.core.JobState.RUNNING;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.DoubleAccumulator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's or a runner's hold on its job: through it the job's bytes are counted, its state changes and its
/// debts are recorded. It is made by [Engine#attach] and lasts until [#close]; a newer one for the same job fences
/// it.
///
/// Every call that writes throws [Stopped] once the job has been taken from this session. Used by one thread at
/// a time, but for [#stop], [#meter] and what the engine reads.
public final class Session implements AutoCloseable {
    private static final double KEPT_EVERY = 5;

    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private final Engine engine;
    private final JobId id;
    private final Claim claim;
    private final StopToken stop = new StopToken();
    private final Meter meter = new Meter();
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile @Nullable Job job;
    private volatile List<Progress.Sample> earlier = List.of();

    // Written by the ticker.
    private volatile @Nullable Samples samples;
    private volatile @Nullable Rate rate;
    private @Nullable Progress told;

    /// How far the job has been seen: who watches it never sees it go back.
    private final DoubleAccumulator highest = new DoubleAccumulator(Math::max, 0);
    /// Of what has been seen, that which is stored.
    private volatile double kept;
    private final AtomicBoolean keeping = new AtomicBoolean();

    Session(Engine engine, JobId id, Claim claim) {
        this.engine = engine;
        this.id = id;
        this.claim = claim;
    }

    public JobId id() {
        return id;
    }

    /// The job as this session last knew it.
    public Job job() {
        Job known = job;
        if (known == null) {
            throw new IllegalStateException("job " + id + " has not been claimed yet");
        }
        return known;
    }

    public StopToken stop() {
        return stop;
    }

    public Meter meter() {
        return meter;
    }

    /// Hands `bytes` bytes on by running `write`, unless the job is to stop: once its state has changed,
    /// nothing begins to be handed on any more.
    public void hand(long bytes, Runnable write) {
        stop.check();
        write.run();
        meter.add(bytes);
    }

    /// The first byte is there: the job runs.
    ///
    /// @throws Stopped also where this session has let the job go: it waits for another one
    public void started() {
        started(job().stages().stages().getFirst().name());
    }

    /// As [#started()], in a stage that an earlier session had come to.
    public void started(String stage) {
        if (job().state() == RUNNING) {
            return;
        }
        if (job().state() == PENDING && job().node() == null) {
            throw new Stopped(StopReason.FENCED);
        }
        Instant now = engine.now();
        StagePlan plan = job().stages();
        change(Change.of(id, now, PENDING)
                .to(RUNNING)
                .set(Change.Column.STARTED, now)
                .set(Change.Column.WAITING, null)
                .set(Change.Column.NOT_BEFORE, null)
                .set(Change.Column.ERROR, null)
                .set(Change.Column.STAGES, plan.enter(stage, now))
                .tell(EventType.STARTED, Map.of("attempt", job().attempt(), "bytes", meter.bytes())));
    }

    /// Says how many bytes there will be, which nobody knew when the job was made.
    public void total(long bytes) {
        change(Change.of(id, engine.now(), PENDING, RUNNING).set(Change.Column.TOTAL_BYTES, bytes));
        meter.total(bytes);
    }

    /// Enters a stage and tells of it.
    public void stage(String name) {
        Instant now = engine.now();
        change(Change.of(id, now, RUNNING)
                .set(Change.Column.STAGES, job().stages().enter(name, now))
                .tell(EventType.STAGE, Map.of("stage", name)));
    }

    /// Lays the job's stages out anew, once it is known which way it goes: what ran already keeps its times.
    public void plan(StagePlan stages) {
        change(Change.of(id, engine.now(), RUNNING).set(Change.Column.STAGES, stages.after(job().stages())));
    }

    /// Says what has been found out, and tells of it.
    public void facts(Record found) {
        change(Change.of(id, engine.now(), RUNNING).facts(found).tell(EventType.FACTS, Map.of("facts", found)));
    }

    /// Tells something that changes nothing.
    public void note(Note note) {
        change(Change.of(id, engine.now(), RUNNING).tell(EventType.NOTE, note.members()));
    }

    public <C extends Record> Optional<C> checkpoint(Class<C> type) {
        return Optional.ofNullable(job().checkpoint()).map(document -> document.as(type));
    }

    /// Saves where the work could be taken up again. A paused job may still save its last one.
    public void save(Record checkpoint) {
        change(Change.of(id, engine.now(), PENDING, RUNNING, PAUSED)
                .set(Change.Column.CHECKPOINT, checkpoint)
                .set(Change.Column.BYTES, meter.bytes()));
    }

    /// Records that something is about to be made which must not stay.
    public Debt owe(String type, Debt.When when, Record detail) {
        checkFence();
        try {
            return engine.debts().owe(id, job().fence(), type, when, detail, engine.now());
        } catch (Stopped e) {
            // The store knows only that the job was lost, not to whom: a cancel takes it, too.
            throw new Stopped(engine.lost(this));
        }
    }

    /// The debts of this job, newest first.
    public List<Debt> debts() {
        return engine.debts().of(id);
    }

    /// Says anew what a debt consists of, or when it falls due. Of a paused job, too: what was under way may still
    /// have come to its end.
    public Debt amend(Debt debt, Debt.When when, Record detail) {
        checkFence();
        try {
            Debt amended = engine.debts().amend(debt, job().fence(), when, detail);
            if (when == Debt.When.NOW) {
                engine.settleSoon(id);
            }
            return amended;
        } catch (Stopped e) {
            throw new Stopped(engine.lost(this));
        }
    }

    /// Makes the job's result visible and the job `COMPLETED`, or neither.
    ///
    /// @return the completed job
    /// @throws Stopped where something else was decided first; what was published has been taken back, or will
    ///     be by whoever holds the job now
    public <R> Job commit(Commit<R> last) {
        stop.check();
        Debt takeBack = owe(last.debtType(), Debt.When.UNLESS_COMPLETED, last.intent());
        R result = publish(last, takeBack);
        var completion = completion().facts(last.facts(result)).settle(takeBack.id());
        last.uses().forEach(completion::alsoComplete);
        change(completion);
        last.uses().forEach(engine::settleSoon);
        if (last.survivesPowerCut()) {
            engine.jobs().sync();
        }
        return job();
    }

    private <R> R publish(Commit<R> last, Debt takeBack) {
        while (true) {
            if (last.survivesPowerCut()) {
                engine.jobs().sync();
            }
            stop.check();
            try {
                return last.publish();
            } catch (Commit.TargetTaken taken) {
                amend(takeBack, Debt.When.UNLESS_COMPLETED, last.intent());
            }
        }
    }

    /// The work is done and has nothing to publish at once: the job is `COMPLETED`.
    ///
    /// @param paid debts that are struck off with it
    /// @param survivesPowerCut whether it must be on disk before this returns
    /// @throws Stopped where something else was decided first
    public void complete(List<DebtId> paid, boolean survivesPowerCut) {
        stop.check();
        var completion = completion();
        paid.forEach(completion::settle);
        change(completion);
        if (survivesPowerCut) {
            engine.jobs().sync();
        }
    }

    private Change completion() {
        Instant now = engine.now();
        return Change.of(id, now, RUNNING)
                .to(COMPLETED)
                .voidFence()
                .set(Change.Column.NODE, null)
                .set(Change.Column.BYTES, meter.bytes())
                .set(Change.Column.TOTAL_BYTES, meter.bytes())
                .set(Change.Column.STAGES, job().stages().end(now))
                .set(Change.Column.ENDED, now)
                .tell(EventType.COMPLETED, Map.of("bytes", meter.bytes()));
    }

    /// Whoever worked on the job is gone: it waits.
    ///
    /// @param why `client_gone` or `draining`
    public void detach(String why) {
        detach(new Note(
                Note.Level.INFO,
                why,
                claim.patience() == null ? "the job waits for a place" : "the job waits for its client",
                Map.of("bytes", meter.bytes())));
    }

    /// The work cannot go on just now, through no fault of the client, which knows how to come back: the job keeps
    /// what it has, says why, and waits for it.
    public void interrupt(Problem problem) {
        var note = new Note(
                Note.Level.WARNING,
                problem.code().code(),
                problem.message(),
                Map.of("bytes", meter.bytes(), "error", Failures.members(problem)));
        change(letWait(Change.of(id, engine.now(), PENDING, RUNNING))
                .to(PENDING)
                .set(Change.Column.ERROR, problem)
                .tell(EventType.NOTE, note.members()));
    }

    private void detach(Note why) {
        if (job().state() == RUNNING) {
            change(letWait(Change.of(id, engine.now(), RUNNING)).to(PENDING).tell(EventType.NOTE, why.members()));
        } else if (job().state() == PENDING) {
            change(letWait(Change.of(id, engine.now(), PENDING)));
        }
    }

    /// When the job expires should its client leave now and not come back; null where it has none.
    public @Nullable Instant expiry() {
        return expiry(engine.now());
    }

    private @Nullable Instant expiry(Instant left) {
        Duration patience = claim.patience();
        return patience == null ? null : left.plus(patience);
    }

    private Change letWait(Change change) {
        return change.set(Change.Column.WAITING, claim.patience() == null ? Waiting.SLOT : Waiting.CLIENT)
                .set(Change.Column.NODE, null)
                .set(Change.Column.BYTES, meter.bytes())
                .set(Change.Column.EXPIRES, expiry(change.at()));
    }

    /// The work failed: the job waits for its next attempt where trying again may help, else it has failed.
    public void fail(Problem problem) {
        Instant now = engine.now();
        int attempt = job().attempt();
        if (problem.retryable() && attempt < engine.settings().attempts()) {
            Duration wait = longer(engine.backOff(attempt), problem.retryAfter());
            change(letWait(Change.of(id, now, PENDING, RUNNING))
                    .to(PENDING)
                    .set(Change.Column.WAITING, Waiting.RETRY)
                    .set(Change.Column.ATTEMPT, attempt + 1)
                    .set(Change.Column.NOT_BEFORE, now.plus(wait))
                    .set(Change.Column.ERROR, problem)
                    .tell(
                            EventType.RETRYING,
                            Map.of(
                                    "error", Failures.members(problem),
                                    "attempt", attempt + 1,
                                    "notBefore", now.plus(wait).toString())));
        } else {
            change(Failures.change(Change.of(id, now, PENDING, RUNNING), problem)
                    .set(Change.Column.BYTES, meter.bytes())
                    .set(Change.Column.STAGES, job().stages().end(now)));
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /// Lets go of the job; a job that still runs then waits for its client. Whoever calls this touches nothing
    /// of it any more. A runner's hold lasts until the runner has returned.
    @Override
    public void close() {
        if (claim.patience() != null) {
            release();
        }
    }

    void release() {
        if (released.getCount() == 0) {
            return;
        }
        try {
            StopReason why = stop.reason().orElse(null);
            boolean ours = why == null || why == StopReason.DRAINING;
            if (job != null && ours && !job().state().ended() && job().node() != null) {
                detach(why == null ? "client_gone" : "draining");
            }
        } catch (Stopped e) {
            // Somebody else has decided about the job; there is nothing left to say.
        } finally {
            // Whoever waits for the release finds the job free.
            try {
                engine.released(this);
            } finally {
                released.countDown();
            }
        }
    }

    /// @param samples of its progress, from before this session
    void claimed(Job now, List<Progress.Sample> samples) {
        earlier = samples;
        job = now;
        meter.from(now.bytes());
        highest.accumulate(now.percent());
        kept = now.percent();
        Long total = now.totalBytes();
        if (total != null) {
            meter.total(total);
        }
    }

    /// The fencing number of this session's claim, or 0 while it has none.
    long fence() {
        Job known = job;
        return known == null ? 0 : known.fence();
    }

    boolean isOf(BatchId batch) {
        Job known = job;
        return known != null && batch.equals(known.batch());
    }

    /// Whether this session has claimed the job, and `other` has claimed it since. One that has not claimed it yet
    /// is before nobody: its claim will be the newer one, or it will find that it is not.
    boolean isBefore(Session other) {
        long mine = fence();
        return mine > 0 && mine < other.fence();
    }

    boolean awaitReleased(Duration atMost) throws InterruptedException {
        return released.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// From `sinceNanos` to the last byte that [StopToken#handed] tells of: 0 where it was handed on before, null where
    /// there was none or one is just being handed on.
    @Nullable
    Double lastByteMillisSince(long sinceNanos) {
        OptionalLong last = stop.lastHandedNanos();
        return last.isEmpty() ? null : (Double) (Math.max(0, last.getAsLong() - sinceNanos) / 1e6);
    }

    /// What has moved since the last tick, or null. The ticker's.
    @Nullable
    Progress tick(long nowNanos, Instant now) {
        Job known = job;
        if (known == null || known.state() != RUNNING || stop.stopped()) {
            return null;
        }
        long bytes = meter.bytes();
        Rate measured = rate;
        if (measured == null) {
            measured = new Rate(bytes, nowNanos);
            rate = measured;
            samples = new Samples(earlier, nowNanos);
        }
        measured.sample(bytes, nowNanos);
        Progress progress = read();
        Samples history = samples;
        Double perSecond = measured.perSecond();
        if (history != null && perSecond != null) {
            history.add(new Progress.Sample(now, progress.percent(), bytes, perSecond), nowNanos);
        }
        Progress before = told;
        if (before != null
                && before.bytes() == bytes
                && before.percent() == progress.percent()
                && perSecond != null
                && perSecond < 1) {
            return null;
        }
        told = progress;
        return progress;
    }

    Progress read() {
        Rate measured = rate;
        return meter.read(id, percent(), measured == null ? null : measured.perSecond());
    }

    double percent() {
        highest.accumulate(job().stages().percent(meter.fraction()));
        return highest.get();
    }

    /// Stores how far the job has been seen, once in so many percent, for whoever goes on after a crash: rounded up,
    /// since more of it will be seen before the next time.
    void keep(double seen) {
        if (seen <= kept || !keeping.compareAndSet(false, true)) {
            return;
        }
        int end = job().stages().current().map(Stage::to).orElse(0);
        double ahead = Math.max(seen, Math.min(Math.ceil(seen / KEPT_EVERY) * KEPT_EVERY, end));
        Thread.ofVirtual().name("percent of " + id).start(() -> {
            try {
                engine.jobs()
                        .change(Change.of(id, engine.now(), RUNNING)
                                .set(Change.Column.PERCENT, ahead)
                                .heldBy(fence()));
                kept = ahead;
            } catch (RuntimeException e) {
                log.debug("[{}] how far it is could not be stored", id, e);
            } finally {
                keeping.set(false);
            }
        });
    }

    Optional<List<Progress.Sample>> history() {
        return Optional.ofNullable(samples).map(Samples::list);
    }

    private void change(Change change) {
        checkFence();
        Job before = job();
        if (before.state() == RUNNING) {
            change.set(Change.Column.PERCENT, percent());
        }
        Optional<Job> changed = engine.jobs().change(change.heldBy(before.fence()));
        if (changed.isEmpty()) {
            throw new Stopped(engine.lost(this));
        }
        job = changed.get();
    }

    /// A node that has fenced itself because it lost its lease may still find its number in the database: the
    /// job is not its own any more all the same.
    private void checkFence() {
        if (stop.reason().filter(StopReason.FENCED::equals).isPresent()) {
            throw new Stopped(StopReason.FENCED);
        }
    }

    /// What became of a job that this session can no longer write.
    static StopReason reasonOf(Optional<Job> job) {
        return job.map(now -> now.state() == CANCELLED
                        ? StopReason.CANCELLED
                        : now.state() == PAUSED
                                ? StopReason.PAUSED
                                : now.state() == FAILED ? StopReason.CANCELLED : StopReason.FENCED)
                .orElse(StopReason.CANCELLED);
    }
}
