package dev.sluice.imports;

import dev.sluice.db.Dialect;
import dev.sluice.db.LongTransaction;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes many rows of one table: a row's values in the order of the columns, then [#end]. Used by one thread.
interface BulkRows {
    void text(@Nullable String value) throws SQLException;

    void number(long value) throws SQLException;

    void number(@Nullable Long value) throws SQLException;

    void real(double value) throws SQLException;

    /// The row is complete.
    void end() throws SQLException;

    /// There are no more rows; all are written.
    void finish() throws SQLException;

    /// @param same values by the names of columns in which all rows have the same
    static BulkRows of(LongTransaction transaction, String table, List<String> columns, Map<String, String> same)
            throws SQLException {
        return transaction.dialect() == Dialect.POSTGRES
                ? new PostgresRows(transaction.connection(), table, columns, same)
                : new SqliteRows(transaction.connection(), table, columns, same);
    }
}
