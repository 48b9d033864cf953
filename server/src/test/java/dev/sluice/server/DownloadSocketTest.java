package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.server.TestingSocket.End;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The socket of a page that watches a download, as wire contract §2 has it to the letter.
@Timeout(60)
class DownloadSocketTest {
    private static final String PONG = "{\"type\":\"pong\"}";

    @TempDir
    Path folder;

    private final TestingSource source = new TestingSource(TestingServer.bytes(4 << 20));
    private TestingServer server;

    @BeforeEach
    void start() {
        server = new TestingServer(
                folder, Map.of("download.allow-networks", "127.0.0.0/8", "websocket.control.max-message-size", "4096"));
    }

    @AfterEach
    void stop() {
        server.close();
        source.close();
    }

    private ObjectNode body(String id, String path) {
        return TestingServer.JSON
                .createObjectNode()
                .put("url", source.url(path))
                .put("jobId", id);
    }

    private void submit(ObjectNode body) {
        assertThat(server.post("/api/download", body.toString()).status()).isEqualTo(202);
    }

    private void submitForLater(String id) {
        submit(body(id, "/whole/film.mp4").put("notBefore", "2999-01-01T00:00:00Z"));
    }

    private static void pings(TestingSocket socket) {
        socket.sendText("ping");
        assertThat(socket.next().toString()).isEqualTo(PONG);
    }

    @Test
    void thePresentStateComesAtConnectAndTheEndClosesWithItsStatus() {
        submitForLater("d1");
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            assertThat(socket.next().toString())
                    .isEqualTo("{\"type\":\"status\",\"data\":{\"jobId\":\"d1\",\"status\":\"queued\",\"progress\":0,"
                            + "\"storageProvider\":\"local\"}}");
            pings(socket);
            server.post("/api/v1/download/cancel/d1").ok();
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1000);
            assertThat(end.reason()).isEqualTo("cancelled");
            assertThat(end.messages()).hasSize(1);
            assertThat(end.messages().getFirst().path("data").path("status").asText())
                    .isEqualTo("cancelled");
        }
    }

    @Test
    void whoComesAfterTheEndIsToldAndSentAway() {
        submitForLater("d1");
        server.post("/api/v1/download/cancel/d1").ok();
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1000);
            assertThat(end.reason()).isEqualTo("cancelled");
            assertThat(end.types()).containsExactly("status");
        }
    }

    @Test
    void anIdThatThereIsNotGetsPongsAndAJobThatStartsLaterIsTold() {
        try (TestingSocket socket = server.socket("/ws/download/not-yet")) {
            pings(socket);
            socket.sendText("hello");
            socket.sendText("{\"type\":\"ping\"}");
            assertThat(socket.next().toString()).isEqualTo(PONG);
            submitForLater("not-yet");
            assertThat(socket.next().path("data").path("status").asText()).isEqualTo("queued");
        }
    }

    @Test
    void anIdThatCouldNotBeOneAndOneOfAnotherKindGetPongsOnly() {
        String upload = server.announce("a.txt", 5).id();
        for (String id : List.of("a%20b", "x".repeat(200), "", upload)) {
            try (TestingSocket socket = server.socket("/ws/download/" + id)) {
                assertThat(socket.status).as(id).isEqualTo(101);
                pings(socket);
            }
        }
        try (TestingSocket socket = server.socket("/ws/download/" + upload)) {
            server.put(upload, "hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                    .ok();
            pings(socket);
        }
    }

    @Test
    void aPausedJobIsProcessingAndNeverQueuedAgain() {
        submitForLater("d1");
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            assertThat(status(socket.next())).isEqualTo("queued");
            server.post("/api/v1/jobs/d1/pause").ok();
            assertThat(status(socket.next())).isEqualTo("processing");
            server.post("/api/v1/jobs/d1/resume").ok();
            server.post("/api/v1/download/cancel/d1").ok();
            assertThat(socket.end().messages())
                    .extracting(DownloadSocketTest::status)
                    .doesNotContain("queued")
                    .endsWith("cancelled");
        }
    }

    private static String status(JsonNode message) {
        return message.path("data").path("status").asText();
    }

    @Test
    void aClientThatSaysTooMuchIsClosed() {
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            for (int i = 0; i < 11; i++) {
                socket.sendText("ping");
            }
            assertThat(socket.end().code()).isEqualTo(4008);
        }
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            socket.sendText("x".repeat(5000));
            assertThat(socket.end().code()).isEqualTo(1009);
        }
    }

    @Test
    void aServerThatGoesDownSendsWatchersAway() {
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            pings(socket);
            server.close();
            End end = socket.end();
            assertThat(end.code()).isEqualTo(4011);
        }
        server = new TestingServer(folder, Map.of());
    }

    // ---- One that runs

    @Test
    void progressGoesUpToAHundredInIntegersAndTheLinkComesAtTheEnd() {
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            submit(body("d1", "/held/film.mp4"));
            JsonNode first = socket.next();
            while (first.path("data").path("progress").asInt() < 15) {
                first = socket.next();
            }
            assertThat(status(first)).isEqualTo("processing");
            source.letGo();
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1000);
            assertThat(end.reason()).isEqualTo("completed");
            assertThat(end.messages())
                    .allSatisfy(message -> assertThat(
                                    message.path("data").path("progress").isInt())
                            .isTrue())
                    .extracting(message -> message.path("data").path("progress").asInt())
                    .isSorted()
                    .allSatisfy(percent -> assertThat(percent)
                            .satisfiesAnyOf(
                                    one -> assertThat(one).isIn(0, 5, 10, 98, 100),
                                    one -> assertThat(one).isBetween(15, 97)))
                    .endsWith(100);
            assertThat(end.messages())
                    .filteredOn(message -> message.path("data").path("progress").asInt() == 100)
                    .as("a hundred is told once the object is there")
                    .allSatisfy(message ->
                            assertThat(message.path("data").has("downloadUrl")).isTrue());
            JsonNode last = end.messages().getLast().path("data");
            assertThat(last.path("videoInfo").path("title").asText()).isEqualTo("film.mp4");
            assertThat(last.path("fileSize").asLong()).isEqualTo(source.content.length);
            assertThat(server.get(last.path("downloadUrl").asText()).bytes()).isEqualTo(source.content);
        }
    }

    /// Its server has no ranges: all of it is fetched again.
    @Test
    void whoComesAfterAPauseIsToldNoLessThanWhoWasThereBefore() {
        submit(body("d1", "/anew/film.mp4"));
        await().until(() -> shown() >= 50);
        int before = shown();
        server.post("/api/v1/jobs/d1/pause").ok();
        toldNoLessThan(before);
        server.post("/api/v1/jobs/d1/resume").ok();
        await().until(() -> {
            JsonNode job = server.job("d1");
            return job.path("state").asText().equals("running")
                    && job.path("progress").path("bytes").asLong(-1) == 0;
        });
        toldNoLessThan(before);
        source.letGo();
        server.becomes("d1", "completed");
    }

    private int shown() {
        return server.get("/api/v1/download/d1").ok().path("progress").asInt();
    }

    private void toldNoLessThan(int percent) {
        assertThat(shown()).isGreaterThanOrEqualTo(percent);
        assertThat(server.job("d1").path("progress").path("percent").asInt()).isGreaterThanOrEqualTo(percent);
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            assertThat(socket.next().path("data").path("progress").asInt()).isGreaterThanOrEqualTo(percent);
        }
    }

    @Test
    void whatFailsSaysWhyAndClosesWithItsStatus() {
        try (TestingSocket socket = server.socket("/ws/download/d1")) {
            submit(body("d1", "/missing"));
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1000);
            assertThat(end.reason()).isEqualTo("failed");
            assertThat(end.messages().getLast().path("data").path("error").asText())
                    .isNotEmpty();
        }
    }
}
