package dev.sluice.imports;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One prepared statement, many rows at a time.
final class SqliteRows implements BulkRows {
    /// Some 2 ms of work: so long a cancel waits for the processor that this has.
    private static final int BATCH = 100;

    private final PreparedStatement insert;
    private int column;
    private int waiting;

    SqliteRows(Connection connection, String table, List<String> columns, Map<String, String> same)
            throws SQLException {
        var names = new ArrayList<>(columns);
        var values = new ArrayList<>(Collections.nCopies(columns.size(), "?"));
        same.forEach((name, value) -> {
            names.add(name);
            values.add("'" + value.replace("'", "''") + "'");
        });
        insert = connection.prepareStatement("INSERT INTO " + table + " (" + String.join(", ", names) + ") VALUES ("
                + String.join(", ", values) + ")");
    }

    @Override
    public void text(@Nullable String value) throws SQLException {
        insert.setString(++column, value);
    }

    @Override
    public void number(long value) throws SQLException {
        insert.setLong(++column, value);
    }

    @Override
    public void number(@Nullable Long value) throws SQLException {
        if (value == null) {
            insert.setNull(++column, Types.BIGINT);
        } else {
            insert.setLong(++column, value);
        }
    }

    @Override
    public void real(double value) throws SQLException {
        insert.setDouble(++column, value);
    }

    @Override
    public void end() throws SQLException {
        column = 0;
        insert.addBatch();
        if (++waiting == BATCH) {
            write();
        }
    }

    private void write() throws SQLException {
        insert.executeBatch();
        waiting = 0;
    }

    @Override
    public void finish() throws SQLException {
        try (insert) {
            write();
        }
    }
}
