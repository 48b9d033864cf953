package dev.sluice.db;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Runs a flush for whoever asks, on a thread of its own; all who ask while one is under way share the next.
/// Safe for use by many threads.
final class GroupedSync implements AutoCloseable {
    @FunctionalInterface
    interface Flush {
        void run() throws Exception;
    }

    private final Flush flush;
    private final String place;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private final Thread thread;
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private boolean asked;
    private boolean closed;

    GroupedSync(String place, Flush flush) {
        this.place = place;
        this.flush = flush;
        this.thread = Thread.ofPlatform().name("db-sync").daemon().start(this::run);
    }

    /// Returns once a flush is over that began after this call.
    void sync() {
        CompletableFuture<Void> mine;
        lock.lock();
        try {
            if (closed) {
                throw Waiting.closed(place);
            }
            mine = next;
            asked = true;
            wake.signal();
        } finally {
            lock.unlock();
        }
        Waiting.on(mine, place);
    }

    private void run() {
        while (true) {
            CompletableFuture<Void> due;
            lock.lock();
            try {
                while (!asked && !closed) {
                    wake.awaitUninterruptibly();
                }
                if (!asked) {
                    return;
                }
                due = next;
                next = new CompletableFuture<>();
                asked = false;
            } finally {
                lock.unlock();
            }
            try {
                flush.run();
                due.complete(null);
            } catch (Throwable e) {
                due.completeExceptionally(e);
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wake.signal();
        } finally {
            lock.unlock();
        }
        Waiting.forEndOf(thread);
    }
}
