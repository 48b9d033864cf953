package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.TestingServer.File;
import dev.sluice.server.TestingSocket.End;
import dev.sluice.testing.TestingPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Servers on a PostgreSQL database: that is away for a while, or that another one shares.
@Timeout(120)
class NodesTest {
    private final String database = TestingPostgres.newDatabase();

    @TempDir
    Path folder;

    @Test
    void whatCannotBeWrittenIsSaidAndDoneOnceTheDatabaseIsBack() {
        try (TestingServer server = server("one")) {
            File file = server.announce("a.bin", 100);
            String batch = server.batch(2, 10);
            TestingPostgres.away(database);
            try {
                server.post("/api/v1/upload/cancel/" + file.id()).problem(500, "state_unavailable");
                server.post("/api/v1/batch/cancel/" + batch).problem(500, "state_unavailable");
                server.post("/api/v1/jobs/" + file.id() + "/cancel").problem(503, "state_unavailable");
                assertThat(server.get("/health/ready").status()).isEqualTo(503);
                assertThat(server.get("/health/live").status()).isEqualTo(200);
            } finally {
                TestingPostgres.back(database);
            }
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() ->
                            assertThat(server.get("/health/ready").status()).isEqualTo(200));
            assertThat(server.state(file.id()))
                    .as("what was not answered was not done")
                    .isEqualTo("pending");
            server.post("/api/v1/upload/cancel/" + file.id()).ok();
            server.post("/api/v1/batch/cancel/" + batch).ok();
        }
    }

    @Test
    void anUploadThatAnotherNodeHasTakenIsSentThere() {
        byte[] content = bytes(1000);
        try (TestingServer one = server("one");
                TestingServer two = server("two")) {
            File file = one.announce("shared.bin", content.length);
            try (TestingSocket first = one.socket(file.socket() + "&offset=auto")) {
                first.next();
                first.send(Arrays.copyOf(content, 400));
                one.becomes(file.id(), "running");
                try (TestingSocket second = two.socket(file.socket() + "&offset=auto")) {
                    assertThat(second.next().path("offset").asInt()).isEqualTo(400);
                    CompletableFuture<End> end = CompletableFuture.supplyAsync(first::end);
                    var sent = new int[] {400};
                    await().atMost(Duration.ofSeconds(20)).until(() -> {
                        if (!end.isDone()) {
                            first.send(new byte[] {content[sent[0]++]});
                        }
                        return end.isDone();
                    });
                    assertThat(end.orTimeout(1, TimeUnit.SECONDS).join().code()).isEqualTo(4011);
                    second.send(Arrays.copyOfRange(content, 400, content.length));
                    assertThat(second.end().code()).isEqualTo(1000);
                }
            }
            assertThat(two.get("/api/v1/download/stream/" + file.id()).bytes()).isEqualTo(content);
        }
    }

    private TestingServer server(String name) {
        return new TestingServer(
                folder.resolve(name),
                Map.of(
                        "state.url",
                        database,
                        "state.user",
                        "postgres",
                        "state.password",
                        "postgres",
                        "storages.local.path",
                        folder.resolve("files").toString()));
    }
}
