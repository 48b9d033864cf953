package dev.sluice.imports;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

/// One statement for each.
final class SqliteClaims implements Claims {
    private final PreparedStatement insert;

    SqliteClaims(Connection connection) throws SQLException {
        insert = connection.prepareStatement("INSERT INTO fingerprints (high, low, occurrence, version, transaction_id)"
                + " VALUES (?, ?, ?, " + Fingerprint.VERSION + ", ?) ON CONFLICT DO NOTHING");
    }

    @Override
    public void claim(List<Prepared> rows, Consumer<Prepared> fresh) throws SQLException {
        for (Prepared row : rows) {
            insert.setLong(1, row.high());
            insert.setLong(2, row.low());
            insert.setInt(3, row.occurrence());
            insert.setLong(4, row.id());
            insert.addBatch();
        }
        int[] counts = insert.executeBatch();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                fresh.accept(rows.get(i));
            }
        }
    }

    @Override
    public void close() throws SQLException {
        insert.close();
    }
}
