package dev.sluice.state;

import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.util.List;

class PostgresStateTest extends AllContracts {
    private final String url = TestingPostgres.newDatabase();

    @Override
    StateContract.Ground ground() {
        return new StateContract.Ground(this::database, this::plan);
    }

    private Database database() {
        return Database.postgres(url, "postgres", "postgres");
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
