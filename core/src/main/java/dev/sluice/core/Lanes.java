package dev.sluice.core;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Threads that take away what is owed, those of each place apart: one that does not answer holds up nobody else's.
/// Safe for use by many threads.
final class Lanes implements AutoCloseable {
    /// Deleting is work for a disk: more at once would take the processors from who sends and watches.
    private static final int DISK = 4;
    /// A provider has 256 connections, of which these leave most for uploads.
    private static final int NETWORK = 64;

    private static final long IDLE_SECONDS = 30;

    private final ConcurrentHashMap<DebtPayer.Place, Executor> lanes = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /// Pays on a thread of the debt's place, and waits for it to the end: as long as it may still take something away,
    /// nobody may think that it does not.
    ///
    /// @throws RejectedExecutionException once this is closed
    /// @throws Exception what the payer threw
    void pay(DebtPayer payer, Debt debt) throws Exception {
        if (closed) {
            throw new RejectedExecutionException("closed");
        }
        var paying = new FutureTask<>(() -> {
            payer.pay(debt);
            return debt;
        });
        lanes.computeIfAbsent(payer.place(debt), place -> place.remote() ? network(place) : disk(place))
                .execute(paying);
        boolean interrupted = false;
        try {
            while (!paying.isDone()) {
                try {
                    paying.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            paying.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Executor network(DebtPayer.Place place) {
        var free = new Semaphore(NETWORK);
        return work -> Thread.ofVirtual().name("debts-" + place.name()).start(() -> {
            free.acquireUninterruptibly();
            try {
                work.run();
            } finally {
                free.release();
            }
        });
    }

    private static Executor disk(DebtPayer.Place place) {
        var pool = new ThreadPoolExecutor(
                DISK,
                DISK,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform()
                        .daemon()
                        .name("debts-" + place.name() + "-", 1)
                        .factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    boolean isClosed() {
        return closed;
    }

    /// Begins nothing any more; what has begun is not waited for.
    @Override
    public void close() {
        closed = true;
    }
}
