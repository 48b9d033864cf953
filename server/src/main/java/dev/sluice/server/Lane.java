package dev.sluice.server;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the steps of one connection one after the other, each on the threads that it asks for. Safe for use by
/// many threads.
final class Lane {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    /// For how long a step may go on where there is always more to do; then it queues up again.
    static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Step> waiting = new ArrayDeque<>(2);
    private boolean busy;

    private record Step(Executor where, Runnable what) {}

    void run(Executor where, Runnable what) {
        var step = new Step(where, what);
        lock.lock();
        try {
            if (busy) {
                waiting.add(step);
                return;
            }
            busy = true;
        } finally {
            lock.unlock();
        }
        start(step);
    }

    private void start(Step step) {
        try {
            step.where().execute(() -> take(step));
        } catch (RejectedExecutionException e) {
            // The server is going down and its storages are closed; what is left runs where it is.
            take(step);
        }
    }

    /// The next step queues up behind those of other connections, also where it runs on the same threads.
    private void take(Step step) {
        try {
            step.what().run();
        } catch (Throwable e) {
            log.error("a step of a connection failed", e);
        }
        Step next = next();
        if (next != null) {
            start(next);
        }
    }

    private @Nullable Step next() {
        lock.lock();
        try {
            Step next = waiting.poll();
            busy = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }
}
