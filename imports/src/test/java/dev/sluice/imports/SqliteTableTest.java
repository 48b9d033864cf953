package dev.sluice.imports;

import dev.sluice.db.Database;
import java.nio.file.Path;
import java.time.Duration;

class SqliteTableTest extends TableContract {
    @Override
    Database database(Path folder) {
        return Database.sqlite(folder.resolve("data.db"), Duration.ofMinutes(1));
    }
}
