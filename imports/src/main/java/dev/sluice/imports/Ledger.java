package dev.sluice.imports;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.db.Database;
import dev.sluice.db.Schema;
import dev.sluice.db.Times;
import dev.sluice.scan.StoredVerdict;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/// The database of what has been imported. Safe for use by many threads; every call may block.
public final class Ledger implements AutoCloseable {
    private static final Schema SCHEMA = new Schema("ledger", 3);
    private static final String IMPORT =
            "number, job, owner, account, filename, size, sha256, records, added, duplicates,"
                    + " rejected, first_row, last_row, created, undone, reading, own_table, scan";

    private final Supplier<Database> opening;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Database open;
    private boolean closed;
    private final OwnTables tables = new OwnTables(this);

    /// @param opening is asked once, by whoever needs the database first: most commands never do. It becomes the
    ///     ledger's, which closes it
    public Ledger(Supplier<Database> opening) {
        this.opening = opening;
    }

    Database database() {
        lock.lock();
        try {
            Database known = open;
            if (known == null) {
                if (closed) {
                    throw new ProblemException(ErrorCode.STATE_UNAVAILABLE, "the database of imports is closed");
                }
                known = opening.get();
                open = migrated(known);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private static Database migrated(Database database) {
        try {
            database.migrate(SCHEMA);
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    OwnTables tables() {
        return tables;
    }

    /// Gives out the number of an import, and the ids that so many rows may have.
    ///
    /// @param rows at the most
    /// @param table in which they are to go; null: they are transactions
    /// @throws ProblemException `conflict` where that table is not there any more
    Load.Order order(long rows, @Nullable OwnTable table) {
        return database().write(transaction -> {
            if (table != null
                    && OwnTables.find(transaction.handle(), table.number()).isEmpty()) {
                throw OwnTables.changed(table.name());
            }
            long number = take(transaction.handle(), "import", 1);
            long first = take(transaction.handle(), "transaction", rows);
            return new Load.Order(number, first);
        });
    }

    /// @return the first of so many numbers
    static long take(Handle handle, String counter, long count) {
        handle.createUpdate("UPDATE counters SET last = last + :count WHERE name = :name")
                .bind("count", count)
                .bind("name", counter)
                .execute();
        long last = handle.createQuery("SELECT last FROM counters WHERE name = :name")
                .bind("name", counter)
                .mapTo(Long.class)
                .one();
        return last - count + 1;
    }

    /// Begins to load an import, on the calling platform thread.
    Load load(Load.Order order, StopToken stop) {
        return new Load(database().begin(stop), order, stop);
    }

    /// @param head what stands above the rows of its file
    static void insert(Connection connection, Imported imported, @Nullable String head) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO imports (" + IMPORT
                + ", head) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)")) {
            insert.setLong(1, imported.number());
            insert.setString(2, imported.job().value());
            insert.setString(3, imported.owner());
            insert.setString(4, imported.account());
            insert.setString(5, imported.filename());
            insert.setLong(6, imported.size());
            insert.setString(7, imported.sha256());
            insert.setLong(8, imported.records());
            insert.setLong(9, imported.added());
            insert.setLong(10, imported.duplicates());
            insert.setLong(11, imported.rejected());
            insert.setLong(12, imported.firstRow());
            insert.setLong(13, imported.lastRow());
            insert.setLong(14, Times.micros(imported.created()));
            insert.setString(15, imported.reading());
            OwnTable table = imported.table();
            if (table == null) {
                insert.setNull(16, Types.INTEGER);
            } else {
                insert.setLong(16, table.number());
            }
            StoredVerdict scan = imported.scan();
            insert.setString(17, scan == null ? null : Json.text(scan));
            insert.setString(18, head);
            insert.executeUpdate();
        }
    }

    private static RowMapper<Imported> imported(Handle handle) {
        return (row, context) -> new Imported(
                row.getLong("number"),
                new JobId(row.getString("job")),
                row.getString("owner"),
                row.getString("account"),
                row.getString("filename"),
                row.getLong("size"),
                row.getString("sha256"),
                row.getLong("records"),
                row.getLong("added"),
                row.getLong("duplicates"),
                row.getLong("rejected"),
                row.getLong("first_row"),
                row.getLong("last_row"),
                Times.instant(row.getLong("created")),
                row.getObject("undone") == null ? null : Times.instant(row.getLong("undone")),
                row.getString("reading"),
                table(handle, row),
                row.getString("scan") == null ? null : Json.verdict(row.getString("scan")));
    }

    /// Null also where it is gone, which it is only without rows.
    private static @Nullable OwnTable table(Handle handle, ResultSet row) throws SQLException {
        return row.getObject("own_table") == null
                ? null
                : OwnTables.find(handle, row.getLong("own_table")).orElse(null);
    }

    public Optional<Imported> find(JobId job) {
        return database()
                .read(handle -> handle.createQuery("SELECT " + IMPORT + " FROM imports WHERE job = :job")
                        .bind("job", job.value())
                        .map(imported(handle))
                        .findOne());
    }

    /// The import of a file with the same bytes into the same account that is there, where it was read in the same way.
    Optional<Imported> ofFile(String owner, String account, String sha256, String reading) {
        return database()
                .read(handle -> handle.createQuery("SELECT " + IMPORT
                                + " FROM imports WHERE owner = :owner AND account = :account AND sha256 = :sha256"
                                + " AND reading = :reading AND undone IS NULL ORDER BY number DESC LIMIT 1")
                        .bind("owner", owner)
                        .bind("account", account)
                        .bind("sha256", sha256)
                        .bind("reading", reading)
                        .map(imported(handle))
                        .findOne());
    }

    /// Newest first.
    ///
    /// @param before the number behind which to go on, or null
    public List<Imported> imports(String owner, int limit, @Nullable Long before) {
        return database()
                .read(handle -> handle.createQuery(
                                "SELECT " + IMPORT
                                        + " FROM imports WHERE owner = :owner AND number < :before ORDER BY number DESC LIMIT :limit")
                        .bind("owner", owner)
                        .bind("before", before == null ? Integer.MAX_VALUE : before)
                        .bind("limit", limit)
                        .map(imported(handle))
                        .list());
    }

    /// Takes the rows of an import back.
    ///
    /// @return how many there were; 0 where they had been taken back before
    long undo(Imported imported, Instant at) {
        return database().write(transaction -> {
            Handle handle = transaction.handle();
            int changed = handle.createUpdate(
                            "UPDATE imports SET undone = :at WHERE number = :number AND undone IS NULL")
                    .bind("at", Times.micros(at))
                    .bind("number", imported.number())
                    .execute();
            return changed == 0 ? 0L : removeRows(handle, imported);
        });
    }

    /// Nothing stays of an import that was never completed.
    void forget(JobId job) {
        find(job)
                .ifPresent(imported -> database().write(transaction -> {
                    Handle handle = transaction.handle();
                    removeRows(handle, imported);
                    for (String table : List.of("rejects WHERE import", "imports WHERE number")) {
                        handle.createUpdate("DELETE FROM " + table + " = :number")
                                .bind("number", imported.number())
                                .execute();
                    }
                    return true;
                }));
    }

    private static long removeRows(Handle handle, Imported imported) {
        OwnTable table = imported.table();
        List<String> all = table == null
                ? List.of(
                        "decisions WHERE transaction_id", "fingerprints WHERE transaction_id", "transactions WHERE id")
                : List.of("fingerprints WHERE transaction_id", table.place() + " WHERE " + OwnTable.ID);
        long removed = 0;
        for (String rows : all) {
            removed = handle.createUpdate("DELETE FROM " + rows + " BETWEEN :first AND :last")
                    .bind("first", imported.firstRow())
                    .bind("last", imported.lastRow())
                    .execute();
        }
        return removed;
    }

    /// What was rejected of an import, in the order of the file; empty where it neither is there nor failed by them.
    public Optional<Rejects> rejects(String owner, JobId job) {
        return database()
                .read(handle -> handle.createQuery(
                                "SELECT number, head FROM imports WHERE owner = :owner AND job = :job"
                                        + " UNION ALL SELECT number, head FROM failed WHERE owner = :owner AND job = :job")
                        .bind("owner", owner)
                        .bind("job", job.value())
                        .map((row, context) ->
                                new Rejects(row.getString("head"), rejects(handle, row.getLong("number"))))
                        .findFirst());
    }

    private static List<Reject> rejects(Handle handle, long number) {
        return handle.createQuery("SELECT line, byte_offset, column_name, code, message, raw FROM rejects"
                        + " WHERE import = :number ORDER BY number")
                .bind("number", number)
                .map((row, context) -> new Reject(
                        row.getLong("line"),
                        row.getLong("byte_offset"),
                        row.getString("column_name"),
                        row.getString("code"),
                        row.getString("message"),
                        row.getString("raw")))
                .list();
    }

    /// What an import has failed by.
    void keepRejects(String owner, JobId job, Rejects rejects) {
        database().write(transaction -> {
            Handle handle = transaction.handle();
            long number = take(handle, "import", 1);
            handle.execute(
                    "INSERT INTO failed (number, job, owner, head) VALUES (?, ?, ?, ?)",
                    number,
                    job.value(),
                    owner,
                    rejects.head());
            PreparedBatch rows = handle.prepareBatch(
                    "INSERT INTO rejects (import, number, line, byte_offset, column_name, code, message, raw)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
            int place = 0;
            for (Reject reject : rejects.rows()) {
                place++;
                rows.add(
                        number,
                        place,
                        reject.line(),
                        reject.offset(),
                        reject.column(),
                        reject.code(),
                        reject.message(),
                        reject.raw());
            }
            return rows.execute().length;
        });
    }

    /// Forgets what imports have failed by whose jobs are gone. Does nothing before somebody has needed the database.
    void sweep(Predicate<JobId> there) {
        if (!isOpen()) {
            return;
        }
        Map<Long, String> failed = database()
                .read(handle -> handle.createQuery("SELECT number, job FROM failed")
                        .map((row, context) -> Map.entry(row.getLong("number"), row.getString("job")))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        failed.forEach((number, job) -> {
            if (!there.test(new JobId(job))) {
                database().write(transaction -> {
                    transaction.handle().execute("DELETE FROM rejects WHERE import = ?", number);
                    return transaction.handle().execute("DELETE FROM failed WHERE number = ?", number);
                });
            }
        });
    }

    private boolean isOpen() {
        lock.lock();
        try {
            return open != null && !closed;
        } finally {
            lock.unlock();
        }
    }

    /// The roles that columns of files with that header had the last time, by the column's name; empty where none is
    /// remembered.
    Map<String, Role> roles(String owner, String header) {
        return database()
                .read(handle -> handle.createQuery(
                                "SELECT roles FROM mappings WHERE owner = :owner AND header = :header")
                        .bind("owner", owner)
                        .bind("header", header)
                        .mapTo(String.class)
                        .findOne())
                .map(Ledger::roles)
                .orElse(Map.of());
    }

    private static Map<String, Role> roles(String text) {
        var roles = new TreeMap<String, Role>();
        Json.words(text).forEach((name, word) -> Role.of(word).ifPresent(role -> roles.put(name, role)));
        return roles;
    }

    private static Map<String, String> words(Map<String, Role> roles) {
        return roles.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().word()));
    }

    static void remember(Connection connection, String owner, Mapping mapping, Instant at) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO mappings (owner, header, roles, created) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT (owner, header) DO UPDATE SET roles = excluded.roles, created = excluded.created")) {
            insert.setString(1, owner);
            insert.setString(2, mapping.header());
            insert.setString(3, Json.text(words(mapping.byName())));
            insert.setLong(4, Times.micros(at));
            insert.executeUpdate();
        }
    }

    // ---- Profiles

    /// In the order of their names.
    public List<Profile> profiles(String owner) {
        return database()
                .read(handle -> handle.createQuery("SELECT document FROM profiles WHERE owner = :owner ORDER BY name")
                        .bind("owner", owner)
                        .mapTo(String.class)
                        .map(Json::profile)
                        .list());
    }

    Optional<Profile> profile(String owner, String name) {
        return database()
                .read(handle -> handle.createQuery(
                                "SELECT document FROM profiles WHERE owner = :owner AND name = :name")
                        .bind("owner", owner)
                        .bind("name", name)
                        .mapTo(String.class)
                        .map(Json::profile)
                        .findOne());
    }

    /// @throws ProblemException `not_found`
    Profile existingProfile(String owner, String name) {
        return profile(owner, name)
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no profile " + name));
    }

    /// Puts a profile in the place of one with the same name.
    ///
    /// @throws ProblemException `conflict` where it has a table with rows, and changes its columns
    void keep(String owner, Profile profile, Instant at) {
        database().write(transaction -> {
            tables.keep(transaction, owner, profile, at);
            return transaction
                    .handle()
                    .createUpdate("INSERT INTO profiles (owner, name, document, created)"
                            + " VALUES (:owner, :name, :document, :at) ON CONFLICT (owner, name)"
                            + " DO UPDATE SET document = excluded.document, created = excluded.created")
                    .bind("owner", owner)
                    .bind("name", profile.name())
                    .bind("document", Json.text(profile))
                    .bind("at", Times.micros(at))
                    .execute();
        });
    }

    /// Its table stays where it has rows.
    ///
    /// @return whether there was such a profile
    boolean drop(String owner, String name) {
        return database().write(transaction -> {
            tables.dropIfEmpty(transaction, owner, name);
            return transaction
                            .handle()
                            .createUpdate("DELETE FROM profiles WHERE owner = :owner AND name = :name")
                            .bind("owner", owner)
                            .bind("name", name)
                            .execute()
                    > 0;
        });
    }

    /// Returns once everything that was committed before this call is on disk.
    void sync() {
        database().sync();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (open != null) {
                open.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
