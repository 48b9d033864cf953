package dev.sluice.house;

import dev.sluice.testing.TestingPostgres;
import java.util.List;
import org.junit.jupiter.api.Nested;

/// `SIGKILL` for `sluice serve` in the middle of an import, at random moments, on either database. `dev/imports` kills
/// more often.
class ImportKillTest {
    @Nested
    class OnSqlite extends ImportKills {
        @Override
        List<String> database() {
            return List.of();
        }
    }

    @Nested
    class OnPostgres extends ImportKills {
        @Override
        List<String> database() {
            return List.of(
                    "state.url=" + TestingPostgres.newDatabase(), "state.user=postgres", "state.password=postgres");
        }
    }
}
