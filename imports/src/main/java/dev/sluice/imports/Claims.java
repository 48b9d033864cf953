package dev.sluice.imports;

import dev.sluice.db.Dialect;
import dev.sluice.db.LongTransaction;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

/// Finds out which rows are there already: each fingerprint is written once, and whose row wrote it is new. Used by one
/// thread.
interface Claims extends AutoCloseable {
    /// @param rows in the order of their fingerprints
    /// @param fresh is told those that are new
    void claim(List<Prepared> rows, Consumer<Prepared> fresh) throws SQLException;

    @Override
    void close() throws SQLException;

    static Claims of(LongTransaction transaction) throws SQLException {
        return transaction.dialect() == Dialect.POSTGRES
                ? new PostgresClaims(transaction.connection())
                : new SqliteClaims(transaction.connection());
    }
}
