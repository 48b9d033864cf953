package dev.sluice.core;

import static dev.sluice.core.JobState.PAUSED;
import static dev.sluice.core.JobState.PENDING;
import static dev.sluice.core.JobState.RUNNING;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a node going: samples what runs, renews the node's lease and fences its jobs where that fails, takes
/// over the jobs of nodes that are gone, ends what waited for too long. Each of the three has a thread of its
/// own.
final class Keeper {
    private static final Logger log = LoggerFactory.getLogger(Keeper.class);
    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final Duration MARGIN = Duration.ofSeconds(1);
    private static final int AT_ONCE = 256;

    /// How long a batch stays open for a request that brings its files and brings none: longer than a silent
    /// one lives.
    private static final Duration OPEN_BATCH = Duration.ofMinutes(3);

    private final Engine engine;
    private final NodeStore nodes;
    private final Live live;
    private final Debts debts;

    /// Jobs that this node may still hold in the database though no client has hold of them.
    private final Set<JobId> orphans = ConcurrentHashMap.newKeySet();

    private final ScheduledExecutorService ticker = timer("ticker");
    private final ScheduledExecutorService keeper = timer("keeper");
    private final ScheduledExecutorService sweeper = timer("sweeper");
    private volatile Instant leaseUntil = Instant.MIN;

    Keeper(Engine engine, NodeStore nodes, Live live, Debts debts) {
        this.engine = engine;
        this.nodes = nodes;
        this.live = live;
        this.debts = debts;
    }

    /// Joins the nodes, takes over what a predecessor on the same folder left, and begins.
    void start() {
        Instant now = engine.now();
        takeOver(join(now));
        engine.jobs().sealAbandoned(now);
        every(keeper, engine.settings().leaseRenewal(), this::renewLease);
        every(ticker, engine.settings().tick(), this::tick);
        // At once, too: a command may be over before the first second is.
        runAt(System.nanoTime(), sweeper, SWEEP.toNanos(), this::sweep);
    }

    /// Ends the three threads and saves nothing.
    void halt() {
        ticker.shutdownNow();
        keeper.shutdownNow();
        sweeper.shutdownNow();
    }

    /// Takes this node out, whose jobs have all let go.
    void leave() {
        nodes.remove(Set.of(engine.node()));
    }

    private Set<NodeId> join(Instant now) {
        Set<NodeId> dead = nodes.join(engine.node(), engine.settings().folder(), now);
        leaseUntil = now.plus(engine.settings().lease());
        return dead;
    }

    private void tick() {
        Instant now = engine.now();
        if (now.isAfter(leaseUntil.minus(MARGIN))) {
            // A renewal that hangs must not keep this node at work on jobs that others may take by now.
            fenceAll();
        }
        long nanos = System.nanoTime();
        var moved = new ArrayList<Progress>();
        live.all().forEach(session -> {
            Progress progress = session.tick(nanos, now);
            if (progress != null) {
                moved.add(progress);
                session.keep(progress.percent());
            }
        });
        if (!moved.isEmpty()) {
            engine.observer().progress(moved);
        }
    }

    private void renewLease() {
        Instant now = engine.now();
        boolean held;
        try {
            held = nodes.renew(engine.node(), now);
        } catch (ProblemException e) {
            log.warn("the lease of this node could not be renewed", e);
            return;
        }
        if (!held) {
            log.warn("the lease of this node has run out; its jobs belong to others now");
            fenceAll();
            takeOver(join(now));
            return;
        }
        leaseUntil = now.plus(engine.settings().lease());
        Set<NodeId> lapsed = nodes.lapsed(now.minus(engine.settings().lease())).stream()
                .filter(other -> !other.equals(engine.node()))
                .collect(Collectors.toSet());
        takeOver(lapsed);
    }

    private void fenceAll() {
        live.all().forEach(session -> session.stop().fire(StopReason.FENCED));
    }

    private void takeOver(Set<NodeId> dead) {
        if (dead.isEmpty()) {
            return;
        }
        List<Job> left = engine.jobs().heldBy(dead);
        for (Job job : left) {
            letGo(
                    job,
                    new Note(Note.Level.WARNING, "node_lost", "its node was lost; the job waits to go on", Map.of()));
        }
        nodes.remove(dead);
        log.info("took over {} jobs of {} lost nodes", left.size(), dead.size());
    }

    /// A job that nobody works on waits for its client, or for a place.
    private void letGo(Job job, Note why) {
        Instant now = engine.now();
        var change = Change.of(job.id(), now, job.state())
                .heldBy(job.fence())
                .voidFence()
                .set(Change.Column.NODE, null);
        if (job.state() == RUNNING) {
            change.to(PENDING).tell(EventType.NOTE, why.members());
        }
        if (job.state() != PAUSED) {
            engine.letWait(change, job);
            if (neverClaimed(job)) {
                change.set(Change.Column.EXPIRES, now);
            }
        }
        debts.kept(job.id()).ifPresent(bytes -> change.set(Change.Column.BYTES, bytes));
        engine.jobs().change(change).ifPresent(free -> {
            debts.wake(free.id());
            engine.runs().offer(free);
        });
    }

    /// Only a job whose own request was to bring its bytes is held by a node before it is claimed; that request
    /// is gone with the node.
    private static boolean neverClaimed(Job job) {
        return job.fence() == 0;
    }

    /// A client has left and that could not be recorded, because the database was away or this node had lost
    /// its lease.
    void orphaned(JobId job) {
        orphans.add(job);
    }

    /// Jobs that this node still holds in the database though no client has hold of them would run for ever
    /// without one.
    private void letOrphansGo() {
        for (JobId id : Set.copyOf(orphans)) {
            orphans.remove(id);
            try {
                // Read before looking for clients: one that claims the job later makes this fencing number void.
                Optional<Job> found = engine.jobs().find(id);
                if (engine.isFree(id)) {
                    found.filter(job -> engine.node().equals(job.node())
                                    && !job.state().ended())
                            .ifPresent(job -> letGo(
                                    job,
                                    new Note(
                                            Note.Level.INFO, "client_gone", "the job waits for its client", Map.of())));
                }
            } catch (RuntimeException e) {
                orphans.add(id);
                throw e;
            }
        }
    }

    private void sweep() {
        letOrphansGo();
        Instant now = engine.now();
        for (Job job : engine.jobs().expired(now, AT_ONCE)) {
            if (live.of(job.id()).isEmpty()) {
                var problem = new Problem(
                        ErrorCode.EXPIRED,
                        job.state() == PAUSED ? "it was paused for too long" : "its client stayed away for too long");
                engine.jobs()
                        .change(Failures.change(
                                Change.of(job.id(), now, job.state()).heldBy(job.fence()), problem))
                        .ifPresent(this::expired);
            }
        }
        engine.jobs().sealAbandoned(now.minus(OPEN_BATCH));
        debts.sweep();
        engine.runs().sweep();
    }

    private void expired(Job failed) {
        BatchId batch = failed.batch();
        if (batch != null) {
            // Only a request that still brings files leaves its batch open, and a file's request is gone when it
            // expires.
            engine.jobs().seal(batch);
        }
        debts.wake(failed.id());
    }

    /// At fixed times, so that what a task takes does not lengthen its period; times that it missed are left out.
    private static void every(ScheduledExecutorService timer, Duration period, Runnable task) {
        runAt(System.nanoTime() + period.toNanos(), timer, period.toNanos(), task);
    }

    private static void runAt(long due, ScheduledExecutorService timer, long period, Runnable task) {
        var unused = timer.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        log.warn("a periodic task failed and is tried again", e);
                    }
                    long missed = (System.nanoTime() - due) / period;
                    if (!timer.isShutdown()) {
                        runAt(due + (missed + 1) * period, timer, period, task);
                    }
                },
                due - System.nanoTime(),
                TimeUnit.NANOSECONDS);
    }

    private static ScheduledExecutorService timer(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(name).factory());
    }
}
