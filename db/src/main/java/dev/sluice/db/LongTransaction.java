package dev.sluice.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;

/// A transaction of many statements on a connection of its own, beside the writer and on the thread of whoever began
/// it. What it has written is there for nobody until [#commit], and is gone with [#close] where that was never called.
/// Used by one thread, but for [#interrupt].
public final class LongTransaction implements AutoCloseable {
    private final Connection connection;
    private final Means means;
    private final ReentrantLock closing = new ReentrantLock();
    private boolean closed;
    private boolean committed;

    /// What the two databases do differently.
    interface Means {
        String place();

        Dialect dialect();

        /// Ends the statement that the connection is running, from another thread.
        void interrupt(Connection connection) throws SQLException;

        void committed();
    }

    /// @param connection on which the transaction has begun
    LongTransaction(Connection connection, Means means) {
        this.connection = connection;
        this.means = means;
    }

    /// Where its statements are made. Neither committed nor closed by whoever uses it.
    public Connection connection() {
        return connection;
    }

    public Dialect dialect() {
        return means.dialect();
    }

    /// Ends the statement that is running, if there is one: it throws. Returns at once; any thread may call it.
    public void interrupt() {
        closing.lock();
        try {
            if (!closed) {
                means.interrupt(connection);
            }
        } catch (SQLException e) {
            throw Failures.translated(e, means.place());
        } finally {
            closing.unlock();
        }
    }

    /// A failure of one of its statements, as the problem that it is.
    public RuntimeException translated(SQLException failure) {
        return Failures.translated(failure, means.place());
    }

    /// @throws dev.sluice.core.ProblemException `state_unavailable` where it cannot be committed
    public void commit() {
        try {
            means.dialect().commit(connection);
            committed = true;
            means.committed();
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    @Override
    public void close() {
        try {
            if (!committed) {
                means.dialect().rollback(connection);
            }
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            leave();
        }
    }

    /// An interrupt that comes later finds nothing any more.
    private void leave() {
        closing.lock();
        try {
            closed = true;
            connection.close();
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            closing.unlock();
        }
    }
}
