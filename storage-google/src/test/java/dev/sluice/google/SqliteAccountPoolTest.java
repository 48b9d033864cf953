package dev.sluice.google;

import dev.sluice.db.Database;

class SqliteAccountPoolTest extends AccountPoolContract {
    @Override
    Database database() {
        return Database.sqlite(folder.resolve("state.db"));
    }
}
