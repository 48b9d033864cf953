package dev.sluice.state;

import dev.sluice.db.Database;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class SqliteStateTest extends AllContracts {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Override
    StateContract.Ground ground() {
        return new StateContract.Ground(this::database, this::plan, () -> {});
    }

    private Database database() {
        return Database.sqlite(folder.resolve("state.db"));
    }

    private String plan(String sql) {
        try (Database database = database()) {
            return String.join(
                    "\n",
                    database.<List<String>>read(handle -> handle.createQuery("EXPLAIN QUERY PLAN " + sql)
                            .map((row, context) -> row.getString("detail"))
                            .list()));
        }
    }
}
