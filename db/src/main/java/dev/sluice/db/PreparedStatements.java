package dev.sluice.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.IdentityHashMap;
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

    /// Those in use, and what they were prepared from: who gives one back names it by the text that had names in the
    /// place of question marks.
    private final IdentityHashMap<Statement, String> lent = new IdentityHashMap<>();

    private PreparedStatements() {}

    /// A handle on a connection, which keeps its statements.
    static Handle open(Connection connection) {
        return Jdbi.create(connection).open().setStatementBuilder(new PreparedStatements());
    }

    @Override
    public PreparedStatement create(Connection connection, String sql, StatementContext context) throws SQLException {
        PreparedStatement kept = idle.remove(sql);
        PreparedStatement given = kept == null ? super.create(connection, sql, context) : kept;
        lent.put(given, sql);
        return given;
    }

    @Override
    public void close(Connection connection, String sql, Statement statement) throws SQLException {
        String prepared = lent.remove(statement);
        if (prepared == null
                || !(statement instanceof PreparedStatement used)
                || statement.isClosed()
                || idle.containsKey(prepared)) {
            super.close(connection, sql, statement);
            return;
        }
        used.clearBatch();
        used.clearParameters();
        idle.put(prepared, used);
        if (idle.size() > KEPT) {
            var eldest = idle.pollFirstEntry();
            super.close(connection, eldest.getKey(), eldest.getValue());
        }
    }
}
