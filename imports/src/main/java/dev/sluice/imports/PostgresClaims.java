package dev.sluice.imports;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

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
    public void claim(List<Prepared> rows, Consumer<Prepared> fresh) throws SQLException {
        var staged =
                new PostgresRows(connection, STAGED, COLUMNS, Map.of("version", String.valueOf(Fingerprint.VERSION)));
        for (Prepared row : rows) {
            staged.number(row.high());
            staged.number(row.low());
            staged.number(row.occurrence());
            staged.number(row.id());
            staged.end();
        }
        staged.finish();
        Set<Long> news = new HashSet<>();
        String columns = "version, " + String.join(", ", COLUMNS);
        try (ResultSet ids = statement.executeQuery("INSERT INTO fingerprints (" + columns + ") SELECT " + columns
                + " FROM " + STAGED + " ON CONFLICT DO NOTHING RETURNING transaction_id")) {
            while (ids.next()) {
                news.add(ids.getLong(1));
            }
        }
        statement.execute("TRUNCATE " + STAGED);
        rows.stream().filter(row -> news.contains(row.id())).forEach(fresh);
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
