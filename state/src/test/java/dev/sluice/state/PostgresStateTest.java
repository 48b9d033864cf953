package dev.sluice.state;

import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.util.List;
import org.junit.jupiter.api.Nested;

class PostgresStateTest {
    private final String url = TestingPostgres.newDatabase();
    private final StateContract.Ground ground = new StateContract.Ground(this::database, this::plan);

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
