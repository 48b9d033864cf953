package dev.sluice.imports;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.db.Dialect;
import dev.sluice.db.Times;
import dev.sluice.db.Transaction;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/// The tables of one's own, each made for a profile: real ones, which anybody can read with SQL. Safe for use by many
/// threads; every call may block.
public final class OwnTables {
    private static final String PREFIX = "table_";
    /// Of what PostgreSQL has for names.
    private static final int LONGEST = 50;
    private static final int PAGE = 1_000;
    private static final String JOB = "_job";
    private static final String LOCKED = "55P03";
    private static final String TABLE =
            "SELECT number, owner, name, place, columns FROM own_tables WHERE owner = :owner";
    private static final RowMapper<OwnTable> OWN_TABLE = (row, context) -> new OwnTable(
            row.getLong("number"),
            row.getString("owner"),
            row.getString("name"),
            row.getString("place"),
            Json.columns(row.getString("columns")));

    private final Ledger ledger;

    OwnTables(Ledger ledger) {
        this.ledger = ledger;
    }

    private Database database() {
        return ledger.database();
    }

    // ---- Which there are

    /// In the order of their names.
    public List<OwnTable> list(String owner) {
        return database()
                .read(handle -> handle.createQuery(TABLE + " ORDER BY name")
                        .bind("owner", owner)
                        .map(OWN_TABLE)
                        .list());
    }

    /// @throws ProblemException `not_found`
    public OwnTable existing(String owner, String name) {
        return database()
                .read(handle -> find(handle, owner, name))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no table " + name));
    }

    private static Optional<OwnTable> find(Handle handle, String owner, String name) {
        return handle.createQuery(TABLE + " AND name = :name")
                .bind("owner", owner)
                .bind("name", name)
                .map(OWN_TABLE)
                .findOne();
    }

    static Optional<OwnTable> find(Handle handle, long number) {
        return handle.createQuery("SELECT number, owner, name, place, columns FROM own_tables WHERE number = :number")
                .bind("number", number)
                .map(OWN_TABLE)
                .findOne();
    }

    /// The table of a profile.
    ///
    /// @throws ProblemException `conflict` where the profile has changed just now
    OwnTable of(String owner, Profile profile) {
        return database()
                .read(handle -> find(handle, owner, profile.name()))
                .filter(table -> table.columns().equals(profile.table()))
                .orElseThrow(() -> changed(profile.name()));
    }

    static ProblemException changed(String name) {
        return new ProblemException(
                ErrorCode.CONFLICT, "the profile " + name + " has changed meanwhile; send the file again");
    }

    // ---- Made and dropped

    /// Sees to it that a profile's table is there with its columns; a profile of transactions has none.
    ///
    /// @throws ProblemException `conflict` where it has rows and other columns
    void keep(Transaction transaction, String owner, Profile profile, Instant at) {
        Handle handle = transaction.handle();
        OwnTable before = find(handle, owner, profile.name()).orElse(null);
        if (before != null && before.columns().equals(profile.table())) {
            return;
        }
        if (before != null) {
            if (!dropIfEmpty(transaction, before) && profile.isTable()) {
                throw new ProblemException(
                        ErrorCode.CONFLICT,
                        "the table " + profile.name() + " has rows, and its columns stay as they are: take the imports"
                                + " of its rows back, or give the profile another name",
                        Map.of("field", "table"));
            }
        }
        if (profile.isTable()) {
            create(transaction, owner, profile, at);
        }
    }

    private static void create(Transaction transaction, String owner, Profile profile, Instant at) {
        Handle handle = transaction.handle();
        long number = Ledger.take(handle, "table", 1);
        var table = new OwnTable(number, owner, profile.name(), place(handle, profile.name(), number), profile.table());
        handle.execute(table.created(transaction.dialect()));
        handle.execute("CREATE INDEX " + table.place() + "_import ON " + table.place() + " (" + OwnTable.IMPORT + ")");
        handle.createUpdate("INSERT INTO own_tables (number, owner, name, place, columns, created)"
                        + " VALUES (:number, :owner, :name, :place, :columns, :at)")
                .bind("number", number)
                .bind("owner", owner)
                .bind("name", table.name())
                .bind("place", table.place())
                .bind("columns", Json.text(table.columns()))
                .bind("at", Times.micros(at))
                .execute();
    }

    /// `table_prices`; with its number behind where that is taken.
    private static String place(Handle handle, String name, long number) {
        String word = name.replace('-', '_');
        String place = PREFIX + word.substring(0, Math.min(word.length(), LONGEST));
        boolean taken = handle.createQuery("SELECT COUNT(*) FROM own_tables WHERE place = :place")
                        .bind("place", place)
                        .mapTo(Long.class)
                        .one()
                > 0;
        return taken ? place + "_" + number : place;
    }

    void dropIfEmpty(Transaction transaction, String owner, String name) {
        find(transaction.handle(), owner, name).ifPresent(table -> dropIfEmpty(transaction, table));
    }

    /// @return whether it is gone
    private static boolean dropIfEmpty(Transaction transaction, OwnTable table) {
        Handle handle = transaction.handle();
        if (transaction.dialect() == Dialect.POSTGRES) {
            lock(handle, table);
        }
        boolean empty = handle.createQuery("SELECT 1 FROM " + table.place() + " LIMIT 1")
                .mapTo(Integer.class)
                .findFirst()
                .isEmpty();
        if (empty) {
            handle.execute("DROP TABLE " + table.place());
            handle.execute("DELETE FROM own_tables WHERE number = ?", table.number());
        }
        return empty;
    }

    /// So that no import brings rows between the look and the act. It waits for none: the writer is everybody's.
    private static void lock(Handle handle, OwnTable table) {
        try {
            handle.execute("LOCK TABLE " + table.place() + " IN ACCESS EXCLUSIVE MODE NOWAIT");
        } catch (UnableToExecuteStatementException e) {
            if (e.getCause() instanceof SQLException why && LOCKED.equals(why.getSQLState())) {
                throw new ProblemException(
                        ErrorCode.CONFLICT,
                        "the table " + table.name() + " is being read or written; try again in a moment",
                        e);
            }
            throw e;
        }
    }

    // ---- Rows

    /// A row as it is there.
    ///
    /// @param job the import that brought it
    public record Row(long id, String job, TableRow row) {}

    /// @param imports numbers of imports, or null: of all
    /// @param after the id behind which to go on
    public List<Row> rows(OwnTable table, @Nullable List<Long> imports, long after, int limit) {
        if (imports != null && imports.isEmpty()) {
            return List.of();
        }
        String which = imports == null
                ? ""
                : " AND r." + OwnTable.IMPORT + " IN ("
                        + imports.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ")";
        return database()
                .read(handle -> handle.createQuery("SELECT r.*, i.job AS " + JOB + " FROM " + table.place()
                                + " r JOIN imports i ON i.number = r." + OwnTable.IMPORT + " WHERE r." + OwnTable.ID
                                + " > :after" + which + " ORDER BY r." + OwnTable.ID + " LIMIT :limit")
                        .bind("after", after)
                        .bind("limit", limit)
                        .map((row, context) -> row(table, row))
                        .list());
    }

    /// Hands all rows to `each`, one after the other, in the order in which they came. They are read a page at a time:
    /// however long `each` takes, it keeps nobody from the database.
    public void each(OwnTable table, @Nullable List<Long> imports, Consumer<Row> each) {
        List<Row> page = rows(table, imports, 0, PAGE);
        while (!page.isEmpty()) {
            page.forEach(each);
            page = page.size() < PAGE
                    ? List.of()
                    : rows(table, imports, page.getLast().id(), PAGE);
        }
    }

    /// How many rows there are.
    public long count(OwnTable table) {
        return database()
                .read(handle -> handle.createQuery("SELECT COUNT(*) FROM " + table.place())
                        .mapTo(Long.class)
                        .one());
    }

    private static Row row(OwnTable table, ResultSet row) throws SQLException {
        var values = new ArrayList<@Nullable Object>();
        for (TableColumn column : table.columns()) {
            values.add(row.getObject(column.name()) == null ? null : value(column, row));
        }
        return new Row(row.getLong(OwnTable.ID), row.getString(JOB), new TableRow(row.getLong(OwnTable.LINE), values));
    }

    private static Object value(TableColumn column, ResultSet row) throws SQLException {
        String name = column.name();
        return switch (column.kept()) {
            case TEXT -> row.getString(name);
            case INTEGER -> row.getLong(name);
            case DECIMAL -> new BigDecimal(row.getString(name));
            case DATE -> LocalDate.parse(row.getString(name));
            case TIMESTAMP ->
                row.getObject(name) instanceof Timestamp time
                        ? time.toInstant()
                        : OffsetDateTime.parse(row.getString(name).replace(' ', 'T'))
                                .toInstant();
            case BOOLEAN -> row.getBoolean(name);
        };
    }
}
