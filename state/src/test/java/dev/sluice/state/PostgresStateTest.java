package dev.sluice.state;

import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
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

    /// What its autovacuum does within a minute, when what was committed has also come to the disk.
    private void vacuum() {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT");
            statement.execute("VACUUM ANALYZE");
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
