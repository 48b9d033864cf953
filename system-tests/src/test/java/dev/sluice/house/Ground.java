package dev.sluice.house;

import dev.sluice.core.Ids;
import dev.sluice.db.Database;
import dev.sluice.state.State;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// A database on which houses are built, one after the other, each beginning with empty tables. In every one a
/// trigger can end a transaction between any two of its statements.
sealed interface Ground {
    List<String> TABLES = List.of("jobs", "events", "debts", "event_log", "batches", "nodes", "histories");

    /// Makes the database anew.
    ///
    /// @param folder empty, for this house alone
    void lay(Path folder);

    Database open(Path folder);

    /// Whether two nodes can share it.
    boolean shared();

    /// An SQLite file, copied from one that is migrated once.
    record Sqlite(Path template) implements Ground {
        static Sqlite in(Path folder) {
            Path file = folder.resolve("template.db");
            try (var database = Database.sqlite(file)) {
                migrate(database);
                database.write(transaction -> {
                    TABLES.forEach(table -> List.of("INSERT", "UPDATE", "DELETE")
                            .forEach(act -> transaction
                                    .handle()
                                    .execute("CREATE TRIGGER fault_" + table + act
                                            + " BEFORE " + act + " ON " + table
                                            + " WHEN (SELECT remaining FROM faults) > 0 BEGIN"
                                            + " UPDATE faults SET remaining = remaining - 1;"
                                            + " SELECT RAISE(ROLLBACK, 'dies here') WHERE (SELECT remaining FROM faults) = 0;"
                                            + " END")));
                    return table();
                });
            }
            return new Sqlite(file);
        }

        private static String table() {
            return "faults";
        }

        @Override
        public void lay(Path folder) {
            try {
                Files.copy(template, folder.resolve("state.db"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Database open(Path folder) {
            return Database.sqlite(folder.resolve("state.db"));
        }

        @Override
        public boolean shared() {
            return false;
        }
    }

    /// A PostgreSQL server of the test's own.
    record Postgres(EmbeddedPostgres server) implements Ground, AutoCloseable {
        static Postgres start() {
            try {
                var ground = new Postgres(EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .start());
                try (Database database = ground.connect()) {
                    migrate(database);
                    database.write(transaction -> {
                        transaction.handle().execute("""
                                CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
                                BEGIN
                                  IF (SELECT remaining FROM faults) > 0 THEN
                                    UPDATE faults SET remaining = remaining - 1;
                                    IF (SELECT remaining FROM faults) = 0 THEN
                                      PERFORM pg_terminate_backend(pg_backend_pid());
                                    END IF;
                                  END IF;
                                  RETURN COALESCE(NEW, OLD);
                                END $$
                                """);
                        TABLES.forEach(table -> transaction
                                .handle()
                                .execute("CREATE TRIGGER fault_" + table
                                        + " BEFORE INSERT OR UPDATE OR DELETE ON " + table
                                        + " FOR EACH ROW EXECUTE FUNCTION fault()"));
                        return TABLES;
                    });
                }
                return ground;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void lay(Path folder) {
            try (Database database = connect()) {
                database.write(transaction -> {
                    transaction.handle().execute("UPDATE faults SET remaining = 0");
                    for (String table :
                            List.of("jobs", "events", "debts", "batches", "nodes", "histories", "submissions")) {
                        transaction.handle().execute("DELETE FROM " + table);
                    }
                    return transaction.handle().execute("UPDATE event_log SET last = 0");
                });
            }
        }

        @Override
        public Database open(Path folder) {
            return connect();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }

        private Database connect() {
            return Database.postgres(server.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
        }

        @Override
        public boolean shared() {
            return true;
        }
    }

    private static void migrate(Database database) {
        var clock = Clock.systemUTC();
        // Not closed: that would close the database.
        State unused = State.open(database, clock, new Ids(clock), State.Settings.defaults());
        database.write(transaction -> {
            transaction.handle().execute("CREATE TABLE faults (remaining INTEGER NOT NULL)");
            return transaction.handle().execute("INSERT INTO faults VALUES (0)");
        });
    }
}
