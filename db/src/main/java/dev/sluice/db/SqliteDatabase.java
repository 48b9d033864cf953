package dev.sluice.db;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteOpenMode;

/// An SQLite file in WAL mode with `synchronous = NORMAL`: a commit appends to the log without waiting for the
/// disk.
///
/// [#sync()] forces the log file, and that is enough. A commit that precedes it lies in the log, which then is
/// on disk with everything before it; or a checkpoint has meanwhile carried it into the database file, and
/// SQLite begins the log anew only after it has synced log, database file, in this order
/// (<https://sqlite.org/wal.html>, "Checkpointing"). The log file stays the same file as long as any connection
/// is open, and the anchor is from first to last; its entry in the folder is on disk since SQLite synced the
/// log's first header.
///
/// The database file itself must never be opened here beside SQLite: closing any descriptor of it would drop
/// the locks that SQLite holds on it (<https://sqlite.org/howtocorrupt.html> §2.2). On the log SQLite holds
/// none.
final class SqliteDatabase extends Database {
    private static final int STEP_MILLIS = 20;
    /// KiB.
    private static final int LONG_CACHE = 16 << 10;

    private final Path file;
    private final Duration patience;
    private final String place;
    private final SQLiteDataSource source;
    private final Connection anchor;
    private final Writer writer;
    private final SqliteReaders readers;
    private final Checkpoints checkpoints;
    private final GroupedSync syncing;
    private @Nullable FileChannel log;

    SqliteDatabase(Path file, Duration patience) {
        this.file = file;
        this.patience = patience;
        place = "the database file " + file;
        source = new SQLiteDataSource(config(patience));
        source.setUrl("jdbc:sqlite:" + file);
        anchor = prepare();
        writer = new Writer(place, Dialect.SQLITE, () -> open(false));
        readers = new SqliteReaders(place, () -> open(true));
        checkpoints = new Checkpoints(place, anchor);
        syncing = new GroupedSync(place, this::flush);
    }

    private static SQLiteConfig config(Duration patience) {
        var config = new SQLiteConfig();
        config.setBusyTimeout(Math.toIntExact(patience.toMillis()));
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        config.enforceForeignKeys(true);
        config.setPragma(SQLiteConfig.Pragma.JOURNAL_MODE, "WAL");
        // The driver lets one thread at a time at a connection already.
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
        return config;
    }

    private Connection open(boolean readOnly) throws SQLException {
        return open(readOnly, patience);
    }

    private Connection open(boolean readOnly, Duration busy) throws SQLException {
        Connection connection = config(busy).createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            if (readOnly) {
                statement.execute("PRAGMA query_only = ON");
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /// Makes the file, readable to its owner only, and sees that it is a database that can be written.
    private Connection prepare() {
        Path folder = file.getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
            create();
        } catch (IOException e) {
            throw unusable("cannot be made: " + e, e);
        }
        if (!Files.isReadable(file) || !Files.isWritable(file) || Files.isDirectory(file)) {
            throw unusable("cannot be read and written by this user", null);
        }
        if (folder != null && !Files.isWritable(folder)) {
            throw unusable("lies in a folder that this user cannot write", null);
        }
        try {
            return anchored();
        } catch (SQLException e) {
            throw unusable("cannot be used: " + e.getMessage(), e);
        }
    }

    /// The connection that stays open from first to last, so that the log stays the same file.
    private Connection anchored() throws SQLException {
        Connection first = open(false);
        try (Statement statement = first.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            statement.execute("SELECT COUNT(*) FROM sqlite_master");
            statement.execute("ROLLBACK");
            return first;
        } catch (SQLException e) {
            first.close();
            throw e;
        }
    }

    private void create() throws IOException {
        try {
            if (Files.notExists(file)) {
                if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    Files.createFile(
                            file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                } else {
                    Files.createFile(file);
                }
            }
        } catch (FileAlreadyExistsException e) {
            assert Files.exists(file) : e;
        }
    }

    private ProblemException unusable(String why, @Nullable Throwable cause) {
        String message = place + " " + why;
        return cause == null
                ? new ProblemException(ErrorCode.STATE_UNAVAILABLE, message)
                : new ProblemException(ErrorCode.STATE_UNAVAILABLE, message, cause);
    }

    /// On the syncing thread only.
    private void flush() throws IOException {
        FileChannel open = log;
        if (open == null) {
            open = FileChannel.open(file.resolveSibling(file.getFileName() + "-wal"), StandardOpenOption.WRITE);
            log = open;
        }
        open.force(false);
    }

    @Override
    public <T extends @Nullable Object> T write(Unit<T> unit) {
        T result = super.write(unit);
        checkpoints.committed();
        return result;
    }

    @Override
    public <T extends @Nullable Object> T read(Function<Handle, T> query) {
        return readers.read(query);
    }

    /// In short steps, so that a stop ends the wait.
    @Override
    public LongTransaction begin(StopToken stop) {
        try {
            Connection connection = open(false, Duration.ofMillis(STEP_MILLIS));
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA cache_size = -" + LONG_CACHE);
                statement.execute("PRAGMA temp_store = MEMORY");
                while (!begun(connection)) {
                    stop.check();
                }
                return new LongTransaction(connection, new Lengthy());
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw Failures.translated(e, place);
        }
    }

    private static boolean begun(Connection connection) throws SQLException {
        try {
            Dialect.SQLITE.begin(connection);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == SQLiteErrorCode.SQLITE_BUSY.code) {
                return false;
            }
            throw e;
        }
    }

    private final class Lengthy implements LongTransaction.Means {
        @Override
        public String place() {
            return place;
        }

        @Override
        public Dialect dialect() {
            return Dialect.SQLITE;
        }

        @Override
        public void interrupt(Connection connection) throws SQLException {
            connection.unwrap(SQLiteConnection.class).getDatabase().interrupt();
        }

        @Override
        public void committed() {
            checkpoints.committed();
        }
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    Writer writer() {
        return writer;
    }

    @Override
    Writer smallWriter(int queue, Duration patience) {
        return new Writer(place, Dialect.SQLITE, () -> open(false), queue, patience);
    }

    @Override
    GroupedSync syncing() {
        return syncing;
    }

    @Override
    DataSource migrations() {
        return source;
    }

    /// The last connection that closes carries the log into the file.
    @Override
    public void close() {
        writer.close();
        readers.close();
        checkpoints.close();
        syncing.close();
        try (anchor;
                FileChannel last = log) {
            assert last == null || last.isOpen();
            log = null;
        } catch (IOException | SQLException e) {
            throw unusable("could not be closed: " + e, e);
        }
    }
}
