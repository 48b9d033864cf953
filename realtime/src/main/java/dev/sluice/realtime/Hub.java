package dev.sluice.realtime;

import dev.sluice.core.Event;
import dev.sluice.core.EventLog;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells watchers of what happens to jobs and of how far they are. Safe for use by many threads.
///
/// It has two threads of its own, one for events and one for progress, so that no frame of progress delays a
/// transition, each with a [Crew] that helps where many are to be told; a few that read the database; and a virtual
/// thread for each watcher that is being caught up. An idle watcher has none.
public final class Hub implements AutoCloseable {
    private static final Logger logger = LoggerFactory.getLogger(Hub.class);
    private static final int TAIL_EVENTS = 2048;
    private static final long TAIL_BYTES = 2 << 20;
    private static final int GROUP = 16;
    private static final int PAGE = 256;
    private static final int READERS = 4;
    private static final long CHECK_MILLIS = 1000;

    private final EventLog log;
    private final JobStore store;
    private final Frames frames;
    private final Clock clock;
    private final HubSettings settings;
    private final String epoch;
    private final Message pong;

    private final ProgressBoard board = new ProgressBoard();
    private final Switchboard switchboard;
    private final Feed feed;
    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
    private final Map<JobId, List<JobListener>> listeners = new ConcurrentHashMap<>();
    private final ExecutorService readers;
    private final Crew eventCrew = new Crew("sluice-realtime-events");
    private final Crew tickCrew = new Crew("sluice-realtime-ticks");
    private final Thread events;
    private final Thread ticks;

    private final Object movedLock = new Object();
    private Map<JobId, Progress> moved = new LinkedHashMap<>();
    private volatile boolean draining;
    private volatile boolean closed;

    private final LongAdder sent = new LongAdder();
    private final LongAdder conflated = new LongAdder();
    private final LongAdder slow = new LongAdder();

    /// Listens to `log` from now on. The caller closes the hub before the log.
    @SuppressWarnings("ThisEscapedInObjectConstruction")
    public Hub(EventLog log, JobStore store, Frames frames, Clock clock, HubSettings settings) {
        this.log = log;
        this.store = store;
        this.frames = frames;
        this.clock = clock;
        this.settings = settings;
        this.epoch = log.epoch();
        this.pong = new Message(Message.Type.PONG, frames.pong(), null);
        var number = new AtomicInteger();
        this.readers = Executors.newFixedThreadPool(
                READERS, task -> daemon("sluice-realtime-read-" + number.incrementAndGet(), task));
        long position = log.position();
        this.feed = new Feed(position);
        this.switchboard = new Switchboard(board, tail(position));
        log.subscribe(feed::announce);
        // What was committed between the two lines is read from the log.
        this.feed.announced(log.position());
        this.events = daemon("sluice-realtime-events", this::handOut);
        this.ticks = daemon("sluice-realtime-ticks", this::turn);
        events.start();
        ticks.start();
    }

    private static Thread daemon(String name, Runnable task) {
        return Thread.ofPlatform().name(name).daemon().unstarted(task);
    }

    /// The newest events that the log holds, so that those who come back after a restart find them in memory.
    private Tail tail(long position) {
        long before = Math.max(Math.max(0, log.floor() - 1), position - TAIL_EVENTS);
        var tail = new Tail(before, TAIL_EVENTS, TAIL_BYTES);
        while (tail.last() < position) {
            var page = log.read(tail.last(), position, null, PAGE);
            if (page.isEmpty() || page.getFirst().seq() != tail.last() + 1) {
                tail.restart(position);
                break;
            }
            page.forEach(event -> tail.add(Told.of(event, epoch, frames)));
        }
        return tail;
    }

    /// Lets a connection watch. What it is sent first is a snapshot, or where `since` can be served, what
    /// happened since.
    ///
    /// @param since where the client says that it stands
    /// @param named the jobs that it wants to see, whenever they ended and whether they exist yet; none: all
    ///     that it may see
    /// @throws ProblemException `limit_exceeded` where too many are named
    public Watcher join(Connection connection, Sight sight, @Nullable Position since, Set<JobId> named) {
        var watcher = new Watcher(this, connection, View.of(sight, named));
        if (named.size() > settings.jobsPerWatcher()) {
            throw watcher.tooMany();
        }
        watchers.add(watcher);
        if (draining) {
            watcher.end(CloseCode.DRAINING, "draining");
        } else {
            start(CatchUp.joining(this, watcher, since));
        }
        return watcher;
    }

    /// Takes what moved since the last call, on the engine's ticker; returns at once.
    public void tick(List<Progress> samples) {
        synchronized (movedLock) {
            samples.forEach(sample -> moved.put(sample.job(), sample));
            movedLock.notifyAll();
        }
    }

    /// Follows one job, whether it exists yet or not. Who wants its present state too registers first, reads it
    /// then, and passes over events whose number is not above the job's.
    public Registration onJob(JobId job, JobListener listener) {
        listeners.compute(job, (id, some) -> {
            List<JobListener> all = some == null ? new CopyOnWriteArrayList<>() : some;
            all.add(listener);
            return all;
        });
        return () -> listeners.computeIfPresent(job, (id, some) -> {
            some.remove(listener);
            return some.isEmpty() ? null : some;
        });
    }

    /// Ends what [#onJob] began; a call that is under way may still come.
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /// How far a job is that runs.
    public Optional<Progress> latest(JobId job) {
        return Optional.ofNullable(board.latest(job));
    }

    public Counters counters() {
        long bytes = 0;
        for (Watcher watcher : watchers) {
            bytes += watcher.outboxBytes();
        }
        return new Counters(watchers.size(), sent.sum(), conflated.sum(), slow.sum(), bytes);
    }

    /// Sends all watchers away to other nodes, some at a time, and whoever comes from now on. Blocks until that
    /// is done.
    public void drain() throws InterruptedException {
        draining = true;
        int batch = 0;
        for (Watcher watcher : watchers) {
            if (watcher.end(CloseCode.DRAINING, "draining") && ++batch == settings.drainBatch()) {
                batch = 0;
                Thread.sleep(settings.drainPause());
            }
        }
    }

    /// Sends all watchers away at once and ends the hub's threads.
    @Override
    public void close() {
        draining = true;
        closed = true;
        watchers.forEach(watcher -> watcher.end(CloseCode.DRAINING, "draining"));
        feed.close();
        synchronized (movedLock) {
            movedLock.notifyAll();
        }
        readers.shutdown();
        eventCrew.close();
        tickCrew.close();
    }

    private void handOut() {
        while (true) {
            try {
                var work = feed.next(switchboard.position());
                if (work == null) {
                    return;
                }
                work.samples().forEach(this::pass);
                if (work.events().isEmpty()) {
                    fetch(work.upTo());
                } else {
                    fetch(work.events().getFirst().seq() - 1);
                    route(work.events());
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                failed("events could not be handed out; trying again", e);
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private boolean pause() {
        try {
            Thread.sleep(CHECK_MILLIS);
            return !closed;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /// Reads what the feed could not hold.
    private void fetch(long upTo) throws InterruptedException {
        while (!closed && switchboard.position() < upTo) {
            long position = switchboard.position();
            var page = log.read(position, upTo, null, PAGE);
            if (page.isEmpty() || page.getFirst().seq() != position + 1) {
                long next = page.isEmpty() ? upTo : page.getFirst().seq() - 1;
                logger.warn("events {} to {} are no longer held: all watchers start anew", position + 1, next);
                switchboard.restart(next);
                watchers.forEach(watcher -> slow(watcher, "events were lost"));
            }
            route(page);
        }
    }

    private void route(List<Event> group) throws InterruptedException {
        long position = switchboard.position();
        var fresh = group.stream().filter(event -> event.seq() > position).toList();
        for (int i = 0; i < fresh.size(); i += GROUP) {
            var some = fresh.subList(i, Math.min(fresh.size(), i + GROUP));
            var told = new ArrayList<Told>(some.size());
            for (Event event : some) {
                told.add(Told.of(event, epoch, frames));
            }
            some.forEach(this::post);
            var ready = new ArrayList<Watcher>();
            switchboard.route(told, ready);
            eventCrew.tell(ready, Watcher::pump);
            some.forEach(event -> forListeners(event.job(), listener -> listener.event(event)));
        }
    }

    /// Keeps the board in step: nothing is told of a job's progress once its end is.
    private void post(Event event) {
        switch (event.type()) {
            case STARTED -> board.began(event.job(), event.owner());
            case PAUSED, RETRYING, COMPLETED, FAILED, CANCELLED, REMOVED -> board.stopped(event.job());
            case CREATED, STAGE, FACTS, NOTE, RESUMED, CLEANED -> {}
        }
    }

    private void pass(Progress sample) {
        if (board.latest(sample.job()) != null) {
            forListeners(sample.job(), listener -> listener.progress(sample));
        }
    }

    private interface Call {
        void to(JobListener listener);
    }

    private void forListeners(JobId job, Call call) {
        for (JobListener listener : listeners.getOrDefault(job, List.of())) {
            try {
                call.to(listener);
            } catch (RuntimeException e) {
                failed("a listener to job " + job + " failed", e);
            }
        }
    }

    private void turn() {
        long checked = System.nanoTime();
        while (!closed) {
            try {
                var samples = samples();
                if (!samples.isEmpty()) {
                    show(samples);
                }
                if (System.nanoTime() - checked >= CHECK_MILLIS * 1_000_000) {
                    checked = System.nanoTime();
                    check();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                failed("progress could not be told", e);
            }
        }
    }

    @SuppressWarnings("WaitNotInLoop")
    private Map<JobId, Progress> samples() throws InterruptedException {
        synchronized (movedLock) {
            if (moved.isEmpty() && !closed) {
                movedLock.wait(CHECK_MILLIS);
            }
            var samples = moved;
            if (!samples.isEmpty()) {
                moved = new LinkedHashMap<>();
            }
            return samples;
        }
    }

    private void show(Map<JobId, Progress> samples) throws InterruptedException {
        var turn = board.tick(samples.values());
        turn.strangers().forEach(this::ask);
        for (Audience audience : switchboard.changed(turn.changed(), turn.tick())) {
            tickCrew.tell(audience.watchers, Watcher::moved);
        }
        if (!listeners.isEmpty()) {
            var heard = new ArrayList<Progress>();
            for (var runner : turn.changed()) {
                Progress sample = samples.get(runner.job);
                if (sample != null && listeners.containsKey(runner.job)) {
                    heard.add(sample);
                }
            }
            if (!heard.isEmpty()) {
                feed.moved(heard);
            }
        }
    }

    private void ask(JobId stranger) {
        try {
            readers.execute(() -> {
                Job job = null;
                try {
                    job = store.find(stranger).orElse(null);
                } catch (ProblemException e) {
                    logger.warn("whose job {} is could not be read: {}", stranger, e.getMessage());
                }
                Progress sample =
                        board.introduce(stranger, job != null && job.state() == JobState.RUNNING ? job.owner() : null);
                if (sample != null) {
                    tick(List.of(sample));
                }
            });
        } catch (RejectedExecutionException e) {
            logger.debug("closed while {} was asked about", stranger);
        }
    }

    /// Looks after sends that take too long and watchers that were told nothing for long.
    void check() {
        long now = clock.millis();
        watchers.forEach(watcher -> watcher.check(now));
    }

    void catchUp(Watcher watcher, long cursor) {
        start(CatchUp.from(this, watcher, cursor));
    }

    private static void start(CatchUp catchUp) {
        Thread.ofVirtual().name("sluice-catch-up").start(catchUp);
    }

    /// Reads the database, on a thread that it may hold.
    <T extends @Nullable Object> T read(Callable<T> what) throws InterruptedException {
        try {
            return readers.submit(what).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException("a read failed", e.getCause());
        } catch (RejectedExecutionException e) {
            throw new InterruptedException("the hub is closed");
        }
    }

    void slow(Watcher watcher, String why) {
        if (watcher.end(CloseCode.SLOW, "slow")) {
            slow.increment();
            logger.info("{} is slow: {}", watcher, why);
        }
    }

    void forget(Watcher watcher) {
        watchers.remove(watcher);
        switchboard.leave(watcher);
    }

    void failed(String what, RuntimeException cause) {
        logger.error(what, cause);
    }

    void counted() {
        sent.increment();
    }

    void conflated() {
        conflated.increment();
    }

    Message pong() {
        return pong;
    }

    EventLog log() {
        return log;
    }

    JobStore store() {
        return store;
    }

    Frames frames() {
        return frames;
    }

    Clock clock() {
        return clock;
    }

    HubSettings settings() {
        return settings;
    }

    String epoch() {
        return epoch;
    }

    ProgressBoard board() {
        return board;
    }

    Switchboard switchboard() {
        return switchboard;
    }
}
