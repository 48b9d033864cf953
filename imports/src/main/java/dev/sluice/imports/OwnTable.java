package dev.sluice.imports;

import dev.sluice.csv.ColumnType;
import dev.sluice.db.Dialect;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A table of the rows of a profile's files.
///
/// @param number its own
/// @param name of its profile
/// @param place what SQL calls it
public record OwnTable(long number, String owner, String name, String place, List<TableColumn> columns)
        implements Load.Destination<TableRow> {
    /// What SQL calls the columns that every such table has. Nobody's own begins with an underscore.
    static final String ID = "_id";

    static final String IMPORT = "_import";
    static final String LINE = "_line";

    /// To microseconds, as PostgreSQL has them. `+` comes before `.`, and so a time before the fractions of its second.
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .appendLiteral("+00:00")
            .toFormatter(Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    public OwnTable {
        columns = List.copyOf(columns);
    }

    /// Makes it. Exact decimals are text on SQLite, whose own numbers are binary fractions, and points in time are in
    /// UTC on both.
    String created(Dialect dialect) {
        String own = columns.stream()
                .map(column -> ", " + quoted(column.name()) + " " + type(column.kept(), dialect)
                        + (column.required() ? " NOT NULL" : ""))
                .collect(Collectors.joining());
        return "CREATE TABLE " + place + " (" + ID + " INTEGER PRIMARY KEY, " + IMPORT + " INTEGER NOT NULL, " + LINE
                + " BIGINT NOT NULL" + own + ")";
    }

    private static String type(ColumnType type, Dialect dialect) {
        boolean postgres = dialect == Dialect.POSTGRES;
        return switch (type) {
            case TEXT -> "TEXT";
            case INTEGER -> "BIGINT";
            case DECIMAL -> postgres ? "NUMERIC" : "TEXT";
            case DATE -> postgres ? "DATE" : "TEXT";
            case TIMESTAMP -> postgres ? "TIMESTAMP WITH TIME ZONE" : "TEXT";
            case BOOLEAN -> "BOOLEAN";
        };
    }

    /// A name that may be a word of SQL.
    static String quoted(String name) {
        return '"' + name + '"';
    }

    @Override
    public String table() {
        return place;
    }

    List<String> quotedColumns() {
        return columns.stream().map(column -> quoted(column.name())).toList();
    }

    @Override
    public List<String> names() {
        var names = new ArrayList<>(List.of(ID, LINE));
        names.addAll(quotedColumns());
        return names;
    }

    @Override
    public Map<String, String> same(long number) {
        return Map.of(IMPORT, Long.toString(number));
    }

    @Override
    public void put(long id, TableRow row, BulkRows rows) throws SQLException {
        rows.number(id);
        rows.number(row.line());
        for (Object value : row.values()) {
            put(value, rows);
        }
    }

    private static void put(@Nullable Object value, BulkRows rows) throws SQLException {
        switch (value) {
            case null -> rows.text(null);
            case Long number -> rows.number(number.longValue());
            case Boolean is -> rows.number(is ? 1 : 0);
            default -> rows.text(text(value));
        }
    }

    /// A value as it is stored: in both databases, and so that texts are in the order of what they mean.
    static String text(Object value) {
        return switch (value) {
            case BigDecimal number -> number.toPlainString();
            case LocalDate day -> day.toString();
            case Instant time -> TIME.format(time);
            default -> String.valueOf(value);
        };
    }
}
