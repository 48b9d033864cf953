package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.TestingNginx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `SIGKILL` for `sluice serve` in the middle of a download over four connections, at random moments. `dev/downloads`
/// kills more often.
class DownloadKillTest {
    private static final int KILLS = Integer.getInteger("sluice.kills", 3);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final int SIZE = 48 << 20;
    private static final int CONNECTIONS = 4;
    private static final int RATE = 4_000_000;
    /// What a connection may fetch again: what has come since the last second's note, and what the kernel held.
    private static final int SEGMENT = 8 << 20;
    private static final Duration LENGTH = Duration.ofMillis(SIZE / CONNECTIONS / (RATE / 1000));

    @TempDir
    Path folder;

    private TestingNginx nginx;
    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        nginx = TestingNginx.start();
        server = new ServerProcess(
                        folder,
                        List.of(
                                "download.allow-networks=127.0.0.0/8",
                                "download.connections=" + CONNECTIONS,
                                "operations.port=0"))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
        nginx.close();
    }

    @Test
    void theFileIsTheSameAndLittleIsFetchedTwice() throws Exception {
        System.out.println("downloads: " + KILLS + " kills, seed " + SEED);
        var random = new Random(SEED);
        byte[] content = new byte[SIZE];
        random.nextBytes(content);
        Files.write(nginx.files().resolve("film.mp4"), content);
        for (int kill = 0; kill < KILLS; kill++) {
            long millis = random.nextLong(LENGTH.toMillis());
            try {
                killed(content, millis);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + SEED + ", kill " + kill + " after " + millis + " ms\n" + server.log(), e);
            }
        }
    }

    private void killed(byte[] content, long millis) throws Exception {
        long before = nginx.sent();
        var answer = server.post("/api/download", "{\"url\":\"" + nginx.url("slow/" + RATE + "/film.mp4") + "\"}");
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(202);
        String job = ServerProcess.json(answer).path("jobId").asText();

        Thread.sleep(millis);
        server.kill();
        for (String name : files()) {
            if (!name.startsWith(".")) {
                assertThat(folder.resolve("data").resolve("files").resolve(name))
                        .as("nothing half-done is visible")
                        .hasBinaryContent(content);
            }
        }

        server.start();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.job(job).path("state").asText())
                        .as(() -> String.valueOf(server.log()))
                        .isEqualTo("completed"));
        assertThat(server.content(job)).isEqualTo(content);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(files()).containsExactly("film.mp4"));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(nginx.sent() - before).isBetween((long) SIZE, (long) SIZE + CONNECTIONS * SEGMENT));
        server.remove(job);
        await().atMost(Duration.ofSeconds(10)).until(() -> files().isEmpty());
    }

    private List<String> files() {
        String[] names = folder.resolve("data").resolve("files").toFile().list();
        return names == null ? List.of() : List.of(names);
    }
}
