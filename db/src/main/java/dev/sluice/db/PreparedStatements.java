package dev.sluice.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.StatementContext;

/// Keeps the prepared statements of one connection for their next use: SQLite's driver prepares each anew, which
/// takes as long as running it. They end with the connection. Used by one thread at a time, as its handle is.
final class PreparedStatements extends DefaultStatementBuilder {
    private static final int KEPT = 100;

    /// Those that nobody uses, the longest unused first.
    private final LinkedHashMap<String, PreparedStatement> idle = new LinkedHashMap<>();

    private PreparedStatements() {}

    /// A handle on a connection, which keeps its statements.
    static Handle open(Connection connection) {
        return Jdbi.create(connection).open().setStatementBuilder(new PreparedStatements());
    }

    @Override
    public PreparedStatement create(Connection connection, String sql, StatementContext context) throws SQLException {
        PreparedStatement kept = idle.remove(sql);
        return kept == null ? super.create(connection, sql, context) : kept;
    }

    @Override
    public void close(Connection connection, String sql, Statement statement) throws SQLException {
        if (!(statement instanceof PreparedStatement used) || statement.isClosed() || idle.containsKey(sql)) {
            super.close(connection, sql, statement);
            return;
        }
        used.clearBatch();
        used.clearParameters();
        idle.put(sql, used);
        if (idle.size() > KEPT) {
            var eldest = idle.pollFirstEntry();
            super.close(connection, eldest.getKey(), eldest.getValue());
        }
    }
}
