package dev.sluice.imports;

import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.nio.file.Path;

class PostgresTableTest extends TableContract {
    private final String url = TestingPostgres.newDatabase();

    @Override
    Database database(Path folder) {
        return Database.postgres(url, "postgres", "postgres");
    }
}
