package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDatabaseTest extends DatabaseContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Override
    Database open() {
        return Database.sqlite(folder.resolve("data").resolve("state.db"));
    }

    private void refused(Path file) {
        assertThatThrownBy(() -> {
                    try (var opened = Database.sqlite(file)) {
                        opened.migrate(SAMPLE);
                    }
                })
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("state_unavailable")
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedByName() throws Exception {
        Path file = folder.resolve("other.db");
        Files.writeString(file, "this is no database, however long one looks at it\n".repeat(100));
        refused(file);
        assertThat(file).content().startsWith("this is no database");
    }

    @Test
    void aTruncatedDatabaseIsRefusedByName() throws Exception {
        database.close();
        Path file = folder.resolve("cut.db");
        byte[] whole = Files.readAllBytes(folder.resolve("data/state.db"));
        Files.write(file, Arrays.copyOf(whole, 4096 + 100));
        refused(file);
        database = open();
    }

    @Test
    void aFolderInPlaceOfTheFileIsRefusedByName() throws Exception {
        refused(Files.createDirectory(folder.resolve("folder.db")));
    }

    @Test
    void aFolderThatTakesNoFilesIsRefusedByName() {
        refused(Path.of("/proc/state.db"));
    }

    @Test
    void theFileIsTheOwnersOnly() throws Exception {
        assertThat(Files.getPosixFilePermissions(folder.resolve("data/state.db")))
                .hasToString("[OWNER_READ, OWNER_WRITE]")
                .hasSize(2);
    }

    @Test
    void theLogIsCarriedIntoTheFileBesideTheWriter() {
        Path file = folder.resolve("data/state.db");
        for (int round = 0; round < 40; round++) {
            long first = round * 1_000L;
            database.write(transaction -> {
                for (long id = first; id < first + 1_000; id++) {
                    transaction.handle().execute("INSERT INTO words (id, word) VALUES (?, ?)", id, "x".repeat(400));
                }
                return first;
            });
        }
        org.awaitility.Awaitility.await().until(() -> Files.size(file) > 8_000_000);
    }

    @Test
    void whoWritesWaitsForALongTransaction() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> waiting;
            try (var transaction = database.begin(new StopToken())) {
                waiting = threads.submit(() -> database.write(insert(1)));
                Thread.sleep(200);
                assertThat(waiting).isNotDone();
                transaction.commit();
            }
            assertThat(waiting.get(2, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }
}
