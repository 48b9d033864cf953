package dev.sluice.db;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries an SQLite log into its database file, on a thread and a connection of its own, so that the writer
/// never does.
///
/// A passive checkpoint hinders nobody. Only once it has carried over the whole log, and nobody writes
/// meanwhile, does the next commit begin the log anew (and sync its first page: a few milliseconds every few
/// thousand commits). Under load that never stops the log would grow for ever; past [#BOUND] pages a checkpoint
/// therefore takes the write lock for its last pages.
final class Checkpoints implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);
    private static final long INTERVAL_NANOS = 500_000_000;
    /// 4 MiB.
    private static final int WORTHWHILE = 1_000;
    /// 128 MiB.
    private static final int BOUND = 32_000;

    private final String place;
    private final Connection connection;
    private final AtomicLong commits = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    /// @param connection for this thread alone until [#close()]; stays open then
    Checkpoints(String place, Connection connection) {
        this.place = place;
        this.connection = connection;
        this.thread = Thread.ofPlatform().name("db-checkpoint").daemon().start(this::run);
    }

    void committed() {
        commits.incrementAndGet();
    }

    private void run() {
        long seen = 0;
        while (!closed) {
            LockSupport.parkNanos(this, INTERVAL_NANOS);
            long now = commits.get();
            if (now != seen && !closed) {
                seen = now;
                try {
                    checkpoint();
                } catch (SQLException e) {
                    log.warn("{}: its log could not be carried over, it grows", place, e);
                }
            }
        }
    }

    private void checkpoint() throws SQLException {
        if (pages("NOOP") < WORTHWHILE) {
            return;
        }
        if (pages("PASSIVE") > BOUND) {
            pages("RESTART");
        }
    }

    /// How many pages the log holds.
    private int pages(String mode) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
            return row.next() ? row.getInt(2) : 0;
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        Waiting.forEndOf(thread);
    }
}
