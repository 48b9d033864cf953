package dev.sluice.house;

import dev.sluice.storage.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The four promises, under everything that can happen to a process.
///
/// Every run is decided by its seed. `-Dsluice.seed=N` plays one run again, `-Dsluice.runs=N` plays N of each
/// kind (`dev/promises` plays many).
class PromisesTest {
    private static final int RUNS = Integer.getInteger("sluice.runs", 10);

    private static final int MOST_FAILURES = 5;

    @TempDir
    static Path folder;

    @BeforeAll
    static void crashesAreNoNews() {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (!(failure instanceof Crash)) {
                System.err.println(thread.getName() + ": " + failure);
            }
        });
    }

    @Test
    void promisesHoldStepByStepOnSqlite() throws Exception {
        play(sqlite("steps"), 1_000_000, RUNS, Play::new);
    }

    @Test
    void promisesHoldInARaceOnSqlite() throws Exception {
        play(sqlite("race"), 2_000_000, RUNS / 2, Race::new);
    }

    @Test
    void promisesHoldStepByStepOnPostgres() throws Exception {
        try (var ground = Ground.Postgres.start()) {
            play(ground, 3_000_000, RUNS / 3, Play::new);
        }
    }

    @Test
    void promisesHoldInARaceOnPostgres() throws Exception {
        try (var ground = Ground.Postgres.start()) {
            play(ground, 4_000_000, RUNS / 4, Race::new);
        }
    }

    private static Ground sqlite(String name) throws IOException {
        return Ground.Sqlite.in(Files.createDirectory(folder.resolve(name)));
    }

    private interface Script {
        Runnable of(House house, Random random, boolean shared);
    }

    private static void play(Ground ground, long first, int runs, Script script) throws IOException {
        Long only = Long.getLong("sluice.seed");
        long from = only == null ? first : only;
        long to = only == null ? first + runs : only + 1;
        var failures = new ArrayList<AssertionError>();
        for (long seed = from; seed < to && failures.size() < MOST_FAILURES; seed++) {
            var random = new Random(seed);
            Durability durability = List.of(Durability.values()).get(random.nextInt(2));
            Path place = Files.createTempDirectory(folder, "house");
            try (var house = new House(ground, place, durability)) {
                script.of(house, random, ground.shared()).run();
            } catch (RuntimeException | AssertionError e) {
                failures.add(new AssertionError("-Dsluice.seed=" + seed + "\n" + e.getMessage(), e));
            }
        }
        if (!failures.isEmpty()) {
            AssertionError worst = failures.removeFirst();
            failures.forEach(worst::addSuppressed);
            throw worst;
        }
    }
}
