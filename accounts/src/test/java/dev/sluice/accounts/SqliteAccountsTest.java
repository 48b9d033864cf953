package dev.sluice.accounts;

import dev.sluice.db.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteAccountsTest extends AccountsContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Override
    Database open() {
        return Database.sqlite(folder.resolve("state.db"));
    }
}
