package dev.sluice.imports;

import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/// Where a ledger can be: for tests that hold on both databases.
enum LedgerStore {
    SQLITE {
        @Override
        Supplier<Database> opening(Path folder) {
            return () -> Database.sqlite(folder.resolve("data.db"), Duration.ofMinutes(1));
        }
    },
    POSTGRES {
        @Override
        Supplier<Database> opening(Path folder) {
            String url = TestingPostgres.newDatabase();
            return () -> Database.postgres(url, "postgres", "postgres");
        }
    };

    /// Opens the same new database, however often it is asked.
    abstract Supplier<Database> opening(Path folder);
}
