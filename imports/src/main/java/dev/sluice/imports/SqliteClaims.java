package dev.sluice.imports;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.IntConsumer;

/// One statement for each.
final class SqliteClaims implements Claims {
    private final PreparedStatement insert;

    SqliteClaims(Connection connection) throws SQLException {
        insert = connection.prepareStatement("INSERT INTO fingerprints (high, low, occurrence, version, transaction_id)"
                + " VALUES (?, ?, ?, " + Fingerprint.VERSION + ", ?) ON CONFLICT DO NOTHING");
    }

    @Override
    public int most() {
        return 1_000;
    }

    @Override
    public void claim(Fingerprints all, int[] rows, long firstRow, IntConsumer fresh) throws SQLException {
        for (int row : rows) {
            insert.setLong(1, all.high(row));
            insert.setLong(2, all.low(row));
            insert.setInt(3, all.occurrence(row));
            insert.setLong(4, firstRow + row);
            insert.addBatch();
        }
        int[] counts = insert.executeBatch();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                fresh.accept(rows[i]);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        insert.close();
    }
}
