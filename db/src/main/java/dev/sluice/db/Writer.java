package dev.sluice.db;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes a database, on one connection, with group commit: what queued up while one
/// transaction was under way is the next one. A lone unit is committed at once. Units that go first pass all
/// that waits and share their group with nobody else.
///
/// A group in which a unit fails is rolled back, and each of its units is run in a transaction of its own, so
/// that only the guilty one fails.
///
/// A platform thread, since calls into SQLite are native and would hold a carrier thread.
final class Writer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Writer.class);
    private static final int GROUP = 256;
    private static final int QUEUE = 8192;
    private static final int TRIES = 5;

    @FunctionalInterface
    interface Connecting {
        Connection connect() throws SQLException;
    }

    private final String place;
    private final Dialect dialect;
    private final Connecting connecting;
    private final Duration patience;
    private final BlockingDeque<Task<?>> queue;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean ended;
    private @Nullable Handle handle;

    /// @param patience how long a unit waits for a place in the queue
    Writer(String place, Dialect dialect, Connecting connecting, int queue, Duration patience) {
        this.place = place;
        this.dialect = dialect;
        this.connecting = connecting;
        this.patience = patience;
        this.queue = new LinkedBlockingDeque<>(queue);
        this.thread = Thread.ofPlatform().name("db-writer").daemon().start(this::run);
    }

    Writer(String place, Dialect dialect, Connecting connecting) {
        this(place, dialect, connecting, QUEUE, Duration.ofSeconds(5));
    }

    /// A unit on its way, and the promise to whoever waits for it.
    private static final class Task<T extends @Nullable Object> {
        final Unit<T> unit;
        final boolean first;
        final CompletableFuture<T> answer = new CompletableFuture<>();
        private @Nullable Outcome<T> outcome;

        private record Outcome<T extends @Nullable Object>(T value) {}

        Task(Unit<T> unit, boolean first) {
            this.unit = unit;
            this.first = first;
        }

        void run(Transaction transaction) throws Exception {
            outcome = new Outcome<>(unit.run(transaction));
        }

        void committed() {
            if (outcome != null) {
                answer.complete(outcome.value());
            }
        }
    }

    /// The transaction as such came to nothing, whichever unit it was: the connection is gone.
    private static final class Lost extends Exception {
        private static final long serialVersionUID = 1L;

        /// Whether it is unknown what has become of the transaction.
        final boolean committing;

        Lost(Throwable cause, boolean committing) {
            super(cause);
            this.committing = committing;
        }
    }

    /// Returns what the unit returned, once it is committed.
    <T extends @Nullable Object> T write(Unit<T> unit) {
        return write(new Task<>(unit, false));
    }

    /// As [#write], but before all that waits, in a group with its like.
    <T extends @Nullable Object> T writeFirst(Unit<T> unit) {
        return write(new Task<>(unit, true));
    }

    private <T extends @Nullable Object> T write(Task<T> task) {
        if (Thread.currentThread().equals(thread)) {
            throw new IllegalStateException("the writer's thread waits for itself");
        }
        enqueue(task);
        if (ended) {
            failQueued();
        }
        return Waiting.on(task.answer, place);
    }

    private void enqueue(Task<?> task) {
        if (closed) {
            throw Waiting.closed(place);
        }
        boolean queued = task.first ? queue.offerFirst(task) : queue.offer(task);
        if (!queued && !offerPatiently(task)) {
            throw new ProblemException(
                    ErrorCode.STATE_UNAVAILABLE, place + " does not keep up: too many changes are waiting");
        }
    }

    /// An interrupt is kept for later: what an interrupted job has to write down matters most.
    private boolean offerPatiently(Task<?> task) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    long left = deadline - System.nanoTime();
                    return task.first
                            ? queue.offerFirst(task, left, TimeUnit.NANOSECONDS)
                            : queue.offer(task, left, TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// How many units wait for their turn.
    int queued() {
        return queue.size();
    }

    private void run() {
        var group = new ArrayList<Task<?>>(GROUP);
        do {
            Task<?> first;
            try {
                first = queue.take();
            } catch (InterruptedException e) {
                log.warn("{}: nobody interrupts the writer", place, e);
                continue;
            }
            group.clear();
            for (Task<?> next = first; next != null; next = another(first.first, group.size())) {
                group.add(next);
            }
            commit(group);
        } while (!closed || !queue.isEmpty());
        disconnect();
        ended = true;
        failQueued();
    }

    /// One more unit for a group: those that go first keep to themselves.
    private @Nullable Task<?> another(boolean first, int size) {
        Task<?> next = size < GROUP ? queue.peek() : null;
        return next != null && next.first == first ? queue.poll() : null;
    }

    private void commit(List<Task<?>> group) {
        try {
            commitOrRepeat(group);
        } catch (Lost e) {
            group.forEach(task -> task.answer.completeExceptionally(unavailable(e)));
        } catch (Throwable e) {
            if (group.size() == 1) {
                group.getFirst().answer.completeExceptionally(e);
            } else {
                group.forEach(task -> commit(List.of(task)));
            }
        }
    }

    /// A connection that was lost before the commit, and a transaction that collided with another node's, have
    /// left nothing: the same again is safe.
    private void commitOrRepeat(List<Task<?>> group) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                commitTogether(group);
                return;
            } catch (Lost e) {
                if (e.committing || attempt > 1) {
                    throw e;
                }
                log.info("{}: lost the connection, taking a new one", place, e);
            } catch (Exception e) {
                if (!Failures.collided(e) || attempt >= TRIES) {
                    throw e;
                }
            }
        }
    }

    private void commitTogether(List<Task<?>> group) throws Exception {
        Handle open = connected();
        Connection connection = open.getConnection();
        var transaction = new Transaction(open, dialect);
        boolean committing = false;
        try {
            dialect.begin(connection);
            for (Task<?> task : group) {
                task.run(transaction);
            }
            transaction.beforeCommit();
            committing = true;
            dialect.commit(connection);
        } catch (Throwable e) {
            undo(connection, e, committing);
            throw e;
        }
        tell(transaction);
        group.forEach(Task::committed);
    }

    private void undo(Connection connection, Throwable failure, boolean committing) throws Lost {
        try {
            dialect.rollback(connection);
        } catch (SQLException e) {
            failure.addSuppressed(e);
            disconnect();
            if (Failures.sql(failure) != null) {
                throw new Lost(failure, committing);
            }
        }
    }

    private void tell(Transaction transaction) {
        try {
            transaction.afterCommit();
        } catch (RuntimeException e) {
            log.error("{}: what had to follow a commit failed", place, e);
        }
    }

    private Handle connected() throws Lost {
        Handle open = handle;
        if (open == null) {
            try {
                Connection connection = connecting.connect();
                open = PreparedStatements.open(connection);
                handle = open;
            } catch (SQLException e) {
                throw new Lost(e, false);
            }
        }
        return open;
    }

    private void disconnect() {
        Handle open = handle;
        handle = null;
        if (open != null) {
            try (Connection connection = open.getConnection()) {
                log.debug("{}: leaving {}", place, connection);
            } catch (SQLException e) {
                log.warn("{}: could not close the writer's connection", place, e);
            }
        }
    }

    private ProblemException unavailable(Lost lost) {
        // The database's own words: those around them show the statement and its values, which may be secrets.
        Throwable said = Failures.sql(lost);
        Throwable cause = said == null ? lost.getCause() : said;
        String why = cause == null ? lost.toString() : cause.getMessage();
        return new ProblemException(
                ErrorCode.STATE_UNAVAILABLE,
                place + (lost.committing ? " was lost during a commit: " : " cannot be written: ") + why,
                lost);
    }

    private void failQueued() {
        for (Task<?> left = queue.poll(); left != null; left = queue.poll()) {
            left.answer.completeExceptionally(Waiting.closed(place));
        }
    }

    /// Commits what is queued, then takes nothing more.
    @Override
    public void close() {
        closed = true;
        queue.offer(new Task<>(last -> true, false));
        Waiting.forEndOf(thread);
    }
}
