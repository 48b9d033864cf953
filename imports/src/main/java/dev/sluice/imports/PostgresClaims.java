package dev.sluice.imports;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/// They are copied into a table of the transaction's own, and from there written in one statement that says which were
/// new.
final class PostgresClaims implements Claims {
    private static final List<String> COLUMNS = List.of("high", "low", "occurrence", "transaction_id");
    private static final String STAGED = "staged_fingerprints";

    private final Connection connection;
    private final Statement statement;

    PostgresClaims(Connection connection) throws SQLException {
        this.connection = connection;
        statement = connection.createStatement();
        statement.execute("CREATE TEMPORARY TABLE " + STAGED + " (LIKE fingerprints) ON COMMIT DROP");
    }

    @Override
    public int most() {
        return 50_000;
    }

    @Override
    public void claim(Fingerprints all, int[] rows, long firstRow, IntConsumer fresh) throws SQLException {
        var staged =
                new PostgresRows(connection, STAGED, COLUMNS, Map.of("version", Integer.toString(Fingerprint.VERSION)));
        for (int row : rows) {
            staged.number(all.high(row));
            staged.number(all.low(row));
            staged.number(all.occurrence(row));
            staged.number(firstRow + row);
            staged.end();
        }
        staged.finish();
        String columns = "version, " + String.join(", ", COLUMNS);
        try (ResultSet ids = statement.executeQuery("INSERT INTO fingerprints (" + columns + ") SELECT " + columns
                + " FROM " + STAGED + " ON CONFLICT DO NOTHING RETURNING transaction_id")) {
            while (ids.next()) {
                fresh.accept(Math.toIntExact(ids.getLong(1) - firstRow));
            }
        }
        statement.execute("TRUNCATE " + STAGED);
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
