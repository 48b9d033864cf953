package dev.sluice.db;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// A database: an SQLite file or a PostgreSQL server. SQL is written once for both.
///
/// Every call throws [ProblemException] `state_unavailable`, naming the database, where it cannot be reached,
/// read or written. Safe for use by many threads.
public abstract sealed class Database implements AutoCloseable permits SqliteDatabase, PostgresDatabase {

    /// Opens the database in `file`, which is made where there is none, with its folder.
    public static Database sqlite(Path file) {
        return sqlite(file, Duration.ofSeconds(5));
    }

    /// @param patience how long whoever writes waits for a [LongTransaction] to end
    public static Database sqlite(Path file, Duration patience) {
        return new SqliteDatabase(file.toAbsolutePath(), patience);
    }

    /// @param url `jdbc:postgresql://HOST:PORT/NAME`
    public static Database postgres(String url, String user, String password) {
        return new PostgresDatabase(url, user, password);
    }

    /// What and where it is, for messages.
    public abstract String place();

    /// Makes the module's tables, or brings those of an earlier version up to date.
    ///
    /// @throws ProblemException `state_unavailable` also where a newer version has made them
    public void migrate(Schema schema) {
        try {
            int found = version(schema);
            if (found > schema.version()) {
                throw new ProblemException(
                        ErrorCode.STATE_UNAVAILABLE,
                        place() + " was made by a newer version (" + schema.name() + " " + found + ", this one knows "
                                + schema.version() + "): use that one, or another database");
            }
            // Looking for scripts on the class path costs Flyway more than all else at a start.
            if (found < schema.version()) {
                Flyway.configure(Database.class.getClassLoader())
                        .dataSource(migrations())
                        .locations(schema.location())
                        .table(schema.table())
                        .baselineOnMigrate(true)
                        .baselineVersion("0")
                        .load()
                        .migrate();
            }
        } catch (SQLException | FlywayException e) {
            throw new ProblemException(
                    ErrorCode.STATE_UNAVAILABLE, place() + " cannot be brought up to date: " + e.getMessage(), e);
        }
    }

    /// The newest script that the database has seen wholly; 0 where it has seen none.
    private int version(Schema schema) throws SQLException {
        try (Connection connection = migrations().getConnection()) {
            try (ResultSet tables = connection.getMetaData().getTables(null, null, schema.table(), null)) {
                if (!tables.next()) {
                    return 0;
                }
            }
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT COALESCE(MAX(CAST(version AS INTEGER)), 0) FROM "
                            + schema.table() + " WHERE success")) {
                return row.next() ? row.getInt(1) : 0;
            }
        }
    }

    /// Runs a unit of work in a transaction and returns what it returned once that is committed. Units of many
    /// callers share a transaction; one that fails leaves nothing and hinders no other. What a unit throws
    /// reaches its caller.
    public <T extends @Nullable Object> T write(Unit<T> unit) {
        return writer().write(unit);
    }

    /// As [#write], before all that waits: for what is short and must not wait, as stopping something is.
    public <T extends @Nullable Object> T writeFirst(Unit<T> unit) {
        return writer().writeFirst(unit);
    }

    /// Reads what is committed, every statement by itself. A virtual thread's query runs on a platform thread
    /// where the database is read by native calls.
    public abstract <T extends @Nullable Object> T read(Function<Handle, T> query);

    /// Begins a transaction of many statements, on the calling thread, which is to be a platform thread. On SQLite it
    /// waits until no other is open, and whoever writes waits for it.
    ///
    /// @throws dev.sluice.core.Stopped where the token fires before it has begun
    public abstract LongTransaction begin(StopToken stop);

    /// Returns once everything that was committed before this call is on disk. The writer never waits for it.
    public void sync() {
        syncing().sync();
    }

    /// Commits what was handed over, then gives everything back. Calls made later fail.
    @Override
    public abstract void close();

    abstract Writer writer();

    /// Another writer beside the one, with bounds of its own.
    abstract Writer smallWriter(int queue, Duration patience);

    abstract GroupedSync syncing();

    abstract DataSource migrations();
}
