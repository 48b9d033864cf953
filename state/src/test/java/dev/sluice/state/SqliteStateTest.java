package dev.sluice.state;

import dev.sluice.db.Database;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

class SqliteStateTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final StateContract.Ground ground = new StateContract.Ground(this::database, this::plan);

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

    @Nested
    class Submitting extends SubmissionContract {
        Submitting() {
            super(ground);
        }
    }

    @Nested
    class Changing extends ChangeContract {
        Changing() {
            super(ground);
        }
    }

    @Nested
    class Owing extends DebtContract {
        Owing() {
            super(ground);
        }
    }

    @Nested
    class Asking extends QueryContract {
        Asking() {
            super(ground);
        }
    }

    @Nested
    class Telling extends EventContract {
        Telling() {
            super(ground);
        }
    }

    @Nested
    class Leasing extends NodeContract {
        Leasing() {
            super(ground);
        }
    }
}
