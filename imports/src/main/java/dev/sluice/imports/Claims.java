package dev.sluice.imports;

import dev.sluice.db.Dialect;
import dev.sluice.db.LongTransaction;
import java.sql.SQLException;
import java.util.function.IntConsumer;

/// Finds out which rows are there already: each fingerprint is written once, and the row that wrote it is new. Used by
/// one thread.
interface Claims extends AutoCloseable {
    /// At most so many at a time: between them is asked whether to stop.
    int most();

    /// @param rows some of them
    /// @param firstRow the id of the transaction of row 0
    /// @param fresh is told those that are new
    void claim(Fingerprints all, int[] rows, long firstRow, IntConsumer fresh) throws SQLException;

    @Override
    void close() throws SQLException;

    static Claims of(LongTransaction transaction) throws SQLException {
        return transaction.dialect() == Dialect.POSTGRES
                ? new PostgresClaims(transaction.connection())
                : new SqliteClaims(transaction.connection());
    }
}
