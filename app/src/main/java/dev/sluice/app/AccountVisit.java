package dev.sluice.app;

import dev.sluice.accounts.AccountSettings;
import dev.sluice.accounts.Accounts;
import dev.sluice.core.Ids;
import dev.sluice.db.Database;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.function.Function;

/// A look at the users of a data folder that no server runs on.
public final class AccountVisit {
    private static final int KEY_BYTES = 32;

    private AccountVisit() {}

    /// @throws ConfigurationException where the folder cannot be used, or a server has it
    /// @throws dev.sluice.core.ProblemException `state_unavailable` where the database cannot be used; what the work
    ///     throws
    public static <T> T on(Path data, Settings settings, Function<Accounts, T> work) {
        var clock = Clock.systemUTC();
        // It makes no tickets that anybody else would have to believe.
        var key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        try (var folder = DataFolder.open(data);
                Database database = Sluice.database(folder.path(), settings.state());
                var accounts = Accounts.open(
                        database, clock, new Ids(clock), AccountSettings.DEFAULT, key, "visit " + folder.path())) {
            return work.apply(accounts);
        }
    }
}
