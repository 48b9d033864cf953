package dev.sluice.google;

import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;

class PostgresAccountPoolTest extends AccountPoolContract {
    private final String url = TestingPostgres.newDatabase();

    @Override
    Database database() {
        return Database.postgres(url, "postgres", "postgres");
    }
}
