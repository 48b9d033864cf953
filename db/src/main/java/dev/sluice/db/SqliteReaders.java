package dev.sluice.db;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// A few connections that only read, and as many platform threads for queries of virtual threads: a native call
/// holds the thread that carries it, and on two carriers two long queries would stop every other virtual
/// thread.
final class SqliteReaders implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    private static final int QUEUE = 4096;

    private final String place;
    private final Writer.Connecting connecting;
    private final Semaphore places = new Semaphore(CONNECTIONS, true);
    private final BlockingQueue<Handle> idle = new ArrayBlockingQueue<>(CONNECTIONS);
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            CONNECTIONS,
            CONNECTIONS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().name("db-read-", 0).daemon().factory());
    private volatile boolean closed;

    SqliteReaders(String place, Writer.Connecting connecting) {
        this.place = place;
        this.connecting = connecting;
        threads.allowCoreThreadTimeOut(true);
    }

    <T extends @Nullable Object> T read(Function<Handle, T> query) {
        if (!Thread.currentThread().isVirtual()) {
            return here(query);
        }
        var answer = new CompletableFuture<T>();
        try {
            threads.execute(() -> {
                try {
                    answer.complete(here(query));
                } catch (Throwable e) {
                    answer.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            throw new ProblemException(
                    ErrorCode.STATE_UNAVAILABLE, place + " does not keep up: too many queries are waiting", e);
        }
        return Waiting.on(answer, place);
    }

    private <T extends @Nullable Object> T here(Function<Handle, T> query) {
        if (closed) {
            throw Waiting.closed(place);
        }
        places.acquireUninterruptibly();
        try {
            Handle handle = idle.poll();
            if (handle == null) {
                handle = PreparedStatements.open(connecting.connect());
            }
            try {
                return query.apply(handle);
            } finally {
                if (closed || !idle.offer(handle)) {
                    close(handle);
                }
            }
        } catch (SQLException | RuntimeException e) {
            throw Failures.translated(e, place);
        } finally {
            places.release();
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdown();
        places.acquireUninterruptibly(CONNECTIONS);
        try {
            for (Handle handle = idle.poll(); handle != null; handle = idle.poll()) {
                close(handle);
            }
        } finally {
            places.release(CONNECTIONS);
        }
    }

    private void close(Handle handle) {
        try (Connection connection = handle.getConnection()) {
            assert connection != null;
        } catch (SQLException e) {
            throw Failures.translated(e, place);
        }
    }
}
