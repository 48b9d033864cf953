package dev.sluice.server;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the steps of one connection one after the other, each on the threads that it asks for. Safe for use by
/// many threads.
final class Lane {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);

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

    private void take(Step first) {
        Step step = first;
        while (true) {
            try {
                step.what().run();
            } catch (RuntimeException e) {
                log.error("a step of a connection failed", e);
            }
            Step next = next();
            if (next == null) {
                return;
            }
            if (!next.where().equals(step.where())) {
                start(next);
                return;
            }
            step = next;
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
