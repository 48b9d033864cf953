package dev.sluice.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// PostgreSQL. The writer commits with `synchronous_commit = off`: a commit is visible at once, survives the
/// death of this process, and reaches the disk a moment later. A commit with `synchronous_commit = on` flushes
/// the log as far as its own record, and so everything that was committed before it: that is [#sync()]. The
/// message that this commit writes into the log has no reader; without it PostgreSQL would see an empty
/// transaction and flush nothing.
final class PostgresDatabase extends Database {
    private static final Logger log = LoggerFactory.getLogger(PostgresDatabase.class);
    private static final int READERS = 8;

    private final String place;
    private final PGSimpleDataSource source = new PGSimpleDataSource();
    private final Properties login = new Properties();
    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final Writer writer;
    private final GroupedSync syncing;
    private @Nullable Connection beacon;

    PostgresDatabase(String url, String user, String password) {
        place = "the database " + url.replaceFirst("\\?.*", "");
        login.setProperty("user", user);
        login.setProperty("password", password);
        login.setProperty("connectTimeout", "5");
        login.setProperty("tcpKeepAlive", "true");
        login.setProperty("ApplicationName", "sluice");
        source.setUrl(url);
        source.setUser(user);
        source.setPassword(password);
        reach(url);
        var config = new HikariConfig();
        config.setDataSource(source);
        config.setPoolName("db-read");
        config.setMaximumPoolSize(READERS);
        config.setMinimumIdle(1);
        config.setReadOnly(true);
        config.setConnectionTimeout(5_000);
        config.setInitializationFailTimeout(-1);
        pool = new HikariDataSource(config);
        jdbi = Jdbi.create(pool);
        writer = new Writer(place, Dialect.POSTGRES, () -> connect(url, "off"));
        syncing = new GroupedSync(place, () -> flush(url));
    }

    private void reach(String url) {
        try (Connection first = connect(url, "on")) {
            if (!first.isValid(5)) {
                throw new SQLException("no answer");
            }
        } catch (SQLException e) {
            throw new ProblemException(ErrorCode.STATE_UNAVAILABLE, place + " cannot be reached: " + e.getMessage(), e);
        }
    }

    private Connection connect(String url, String synchronousCommit) throws SQLException {
        var properties = new Properties();
        properties.putAll(login);
        properties.setProperty("options", "-c synchronous_commit=" + synchronousCommit);
        return DriverManager.getConnection(url, properties);
    }

    /// On the syncing thread only. Flushing again does no harm, so a connection that was lost meanwhile is
    /// replaced.
    private void flush(String url) throws SQLException {
        Connection kept = beacon;
        if (kept != null) {
            try {
                flush(kept);
                return;
            } catch (SQLException e) {
                log.info("{}: lost a connection, taking a new one", place, e);
                beacon = null;
                kept.close();
            }
        }
        Connection fresh = connect(url, "on");
        beacon = fresh;
        flush(fresh);
    }

    private static void flush(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_logical_emit_message(true, 'sluice', '')");
        }
    }

    @Override
    public String place() {
        return place;
    }

    /// A query that lost its connection is asked again on a new one: the server may have been started anew.
    @Override
    public <T extends @Nullable Object> T read(Function<Handle, T> query) {
        try {
            try (Handle handle = jdbi.open()) {
                return query.apply(handle);
            } catch (RuntimeException e) {
                if (!Failures.lost(e)) {
                    throw e;
                }
                log.info("{}: lost a connection, taking a new one", place, e);
            }
            pool.getHikariPoolMXBean().softEvictConnections();
            try (Handle handle = jdbi.open()) {
                return query.apply(handle);
            }
        } catch (RuntimeException e) {
            throw Failures.translated(e, place);
        }
    }

    @Override
    public LongTransaction begin(StopToken stop) {
        stop.check();
        try {
            Connection connection = connect(source.getUrl(), "on");
            Dialect.POSTGRES.begin(connection);
            return new LongTransaction(connection, new Lengthy());
        } catch (SQLException e) {
            throw Failures.translated(e, place);
        }
    }

    private final class Lengthy implements LongTransaction.Means {
        @Override
        public String place() {
            return place;
        }

        @Override
        public Dialect dialect() {
            return Dialect.POSTGRES;
        }

        @Override
        public void interrupt(Connection connection) throws SQLException {
            connection.unwrap(PGConnection.class).cancelQuery();
        }

        @Override
        public void committed() {
            // Nothing is left to do.
        }
    }

    @Override
    Writer writer() {
        return writer;
    }

    @Override
    Writer smallWriter(int queue, Duration patience) {
        return new Writer(place, Dialect.POSTGRES, () -> connect(source.getUrl(), "off"), queue, patience);
    }

    @Override
    GroupedSync syncing() {
        return syncing;
    }

    @Override
    DataSource migrations() {
        return source;
    }

    @Override
    public void close() {
        writer.close();
        syncing.close();
        pool.close();
        try (Connection last = beacon) {
            beacon = null;
            assert last == null || !last.isClosed();
        } catch (SQLException e) {
            throw Failures.translated(e, place);
        }
    }
}
