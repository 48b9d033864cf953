package dev.sluice.notify;

import dev.sluice.db.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteNotifyTest extends NotifyContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Override
    Database open() {
        return Database.sqlite(folder.resolve("state.db"));
    }

    @Override
    Path keys() {
        return folder;
    }
}
