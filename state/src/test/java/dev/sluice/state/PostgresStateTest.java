package dev.sluice.state;

import static org.awaitility.Awaitility.await;

import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

class PostgresStateTest extends AllContracts {
    private final String url = TestingPostgres.newDatabase();

    @Override
    StateContract.Ground ground() {
        return new StateContract.Ground(this::database, this::plan, this::vacuum);
    }

    private Database database() {
        return Database.postgres(url, "postgres", "postgres");
    }

    /// What its autovacuum comes to: whatever is committed and flushed is known to be visible to all.
    private void vacuum() {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            await().until(() -> {
                statement.execute("VACUUM ANALYZE jobs");
                try (ResultSet pages = statement.executeQuery(
                        "SELECT relallvisible = relpages FROM pg_class WHERE relname = 'jobs'")) {
                    return pages.next() && pages.getBoolean(1);
                }
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As if the tables were large.
    private String plan(String sql) {
        try (Database database = database()) {
            return String.join("\n", database.<List<String>>read(handle -> {
                handle.execute("SET enable_seqscan = off");
                handle.execute("SET enable_bitmapscan = off");
                handle.execute("SET enable_sort = off");
                return handle.createQuery("EXPLAIN " + sql).mapTo(String.class).list();
            }));
        }
    }
}
