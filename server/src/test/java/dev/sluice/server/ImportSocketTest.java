package dev.sluice.server;

import static dev.sluice.server.BankFiles.field;
import static dev.sluice.server.BankFiles.file;
import static dev.sluice.server.BankFiles.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingSocket.End;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The socket of a page that watches imports, as wire contract §3 has it to the letter.
@Timeout(90)
class ImportSocketTest {
    private static final Map<String, Integer> STAGES =
            Map.of("validation", 0, "scanning", 20, "parsing", 40, "database", 60, "categorization", 80);

    @TempDir
    Path folder;

    private TestingServer server;

    @BeforeEach
    void start() {
        server = new TestingServer(folder, Map.of());
    }

    private void restart(String setting, String value) {
        restart(Map.of(setting, value));
    }

    private void restart(Map<String, String> settings) {
        server.close();
        server = new TestingServer(folder, settings);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private TestingSocket watch(String batch) {
        return server.socket("/ws/upload-progress/" + batch + "?token=anything");
    }

    private static List<String> places(List<JsonNode> messages) {
        return messages.stream()
                .map(message -> message.path("stage").asText() + " "
                        + message.path("progress").asDouble())
                .toList();
    }

    private static void keepsTheContract(End end, String status, long size) {
        assertThat(end.code()).isEqualTo(1000);
        assertThat(end.reason()).isEqualTo(status);
        JsonNode first = end.messages().getFirst();
        assertThat(first.path("status").asText()).isEqualTo("connected");
        assertThat(first.has("details")).isFalse();
        assertThat(end.messages().stream()
                        .map(message -> message.path("progress").asDouble())
                        .toList())
                .isSorted();
        for (JsonNode message : end.messages().subList(1, end.messages().size())) {
            assertThat(message.at("/details/size").asLong()).isEqualTo(size);
            assertThat(message.path("timestamp").asText()).endsWith("Z");
        }
        assertThat(end.messages().getLast().path("status").asText()).isEqualTo(status);
    }

    private static void tellsEveryStage(End end) {
        STAGES.forEach((stage, from) ->
                assertThat(places(end.messages())).contains(stage + " " + (double) from, stage + " " + (from + 20.0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5_000})
    void whoWatchesABatchThatIsNotThereYetIsToldEveryStageOfItHoweverShort(int count) {
        String content = rows("march", count);
        try (TestingSocket socket = watch("b1")) {
            BankFiles.sent(server, field("batch_id", "b1"), file("march.csv", content));
            End end = socket.end();
            keepsTheContract(end, "completed", content.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
            tellsEveryStage(end);
            JsonNode last = end.messages().getLast();
            assertThat(last.path("progress").asInt()).isEqualTo(100);
            assertThat(last.at("/details/processed").asInt()).isEqualTo(count);
            assertThat(last.at("/details/filename").asText()).isEqualTo("march.csv");
        }
    }

    @Test
    void whoComesAfterTheEndIsToldAllOfItToo() {
        String content = rows("march", 10);
        String batch = BankFiles.imported(server, file("march.csv", content));
        try (TestingSocket socket = watch(batch)) {
            End end = socket.end();
            keepsTheContract(end, "completed", content.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
            tellsEveryStage(end);
        }
    }

    @Test
    void severalFilesUnderOneBatchAreToldTogether() {
        String first = rows("one", 300);
        String second = rows("two", 900);
        try (TestingSocket socket = watch("b2")) {
            BankFiles.sent(server, field("batch_id", "b2"), file("1.csv", first), file("2.csv", second));
            End end = socket.end();
            keepsTheContract(
                    end, "completed", (first + second).getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
            assertThat(end.messages().getLast().at("/details/processed").asInt())
                    .isEqualTo(1_200);
            assertThat(end.messages().stream()
                            .map(message -> message.at("/details/filename").asText()))
                    .contains("1.csv", "2.csv");
        }
    }

    @Test
    void theSameFileAgainSaysThatItWasImportedBefore() {
        String content = rows("march", 10);
        BankFiles.imported(server, file("march.csv", content));
        try (TestingSocket socket = watch("again")) {
            BankFiles.sent(server, field("batch_id", "again"), file("march.csv", content));
            End end = socket.end();
            tellsEveryStage(end);
            JsonNode last = end.messages().getLast();
            assertThat(last.path("status").asText()).isEqualTo("completed");
            assertThat(last.at("/details/processed").asInt()).isZero();
            assertThat(last.path("message").asText()).startsWith("Imported before");
        }
    }

    @Test
    void whatIsNoTableEndsAsAnErrorWithItsReason() {
        try (TestingSocket socket = watch("b3")) {
            BankFiles.sent(server, field("batch_id", "b3"), file("a.csv", "nothing of this\nis a table\n"));
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1000);
            assertThat(end.reason()).isEqualTo("error");
            JsonNode last = end.messages().getLast();
            assertThat(last.path("error").asText()).isNotBlank();
            assertThat(last.at("/details/processed").asInt()).isZero();
        }
    }

    @Test
    void aCancelOfTheBatchIsItsEnd() {
        try (TestingSocket socket = watch("b4")) {
            assertThat(socket.next().path("status").asText()).isEqualTo("connected");
            BankFiles.sent(server, field("batch_id", "b4"), file("a.csv", rows("a", 200_000)));
            JsonNode told = socket.next();
            while (!told.path("stage").asText().equals("parsing")) {
                told = socket.next();
            }
            JsonNode cancelled = server.post("/api/v1/batch/cancel/b4").ok();
            assertThat(cancelled.path("cancelled_files_count").asInt()).isEqualTo(1);
            assertThat(cancelled.path("total_files_in_batch").asInt()).isEqualTo(1);
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1000);
            assertThat(end.reason()).isEqualTo("cancelled");
            server.post("/api/v1/batch/cancel/b4").problem(400, "not_cancellable");
        }
        assertThat(server.get("/api/v1/transactions").ok().path("total").asInt())
                .isZero();
        await().untilAsserted(() ->
                assertThat(TestingServer.held(folder.resolve("imports"))).isEmpty());
    }

    @Test
    void theBareWordPingIsAnsweredWithTheBareWordPong() {
        try (TestingSocket socket = watch("nothing-yet")) {
            assertThat(socket.next().path("batch_id").asText()).isEqualTo("nothing-yet");
            socket.sendText("ping");
            assertThat(socket.text()).isEqualTo("pong");
            socket.sendText("{\"type\":\"ping\"}");
            socket.sendText("hello");
            socket.sendText("ping");
            assertThat(socket.text()).isEqualTo("pong");
        }
    }

    @Test
    void anIdThatCouldNotBeOneAndABatchOfAnotherKindAreToldNothing() {
        String uploads = server.batch(1, 5);
        for (String id : List.of("a%20b", "x".repeat(100), uploads)) {
            try (TestingSocket socket = watch(id)) {
                assertThat(socket.next().path("status").asText()).isEqualTo("connected");
                socket.sendText("ping");
                assertThat(socket.text()).isEqualTo("pong");
            }
        }
    }

    @Test
    void whatAClientSaysTooMuchOfClosesItsSocket() {
        try (TestingSocket socket = watch("b5")) {
            socket.sendText("x".repeat(1_025));
            assertThat(socket.end().code()).isEqualTo(1009);
        }
        try (TestingSocket socket = watch("b5")) {
            socket.send(new byte[] {1});
            assertThat(socket.end().code()).isEqualTo(1008);
        }
        try (TestingSocket socket = watch("b5")) {
            for (int i = 0; i < 11; i++) {
                socket.sendText("hello");
            }
            assertThat(socket.end().code()).isEqualTo(4008);
        }
    }

    @Test
    void aClientOfWhichNothingIsHeardIsSentAwayAndToldWhy() {
        restart("websocket.idle-timeout", "1s");
        try (TestingSocket socket = watch("b6")) {
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1008);
            assertThat(end.reason()).startsWith("idle");
        }
    }

    @Test
    void whoAnswersHeartbeatsIsHeardHoweverLongThereIsNothingToTell() {
        restart(Map.of("websocket.idle-timeout", "1s", "websocket.heartbeat", "200ms"));
        try (TestingSocket socket = watch("b7")) {
            assertThat(socket.next().path("status").asText()).isEqualTo("connected");
            // Heartbeats are answered by whoever reads.
            Thread.ofVirtual().start(() -> assertThatThrownBy(socket::next).isInstanceOf(UncheckedIOException.class));
            await().pollDelay(Duration.ofSeconds(3))
                    .untilAsserted(() -> assertThat(server.get("/api/v1/websocket/status")
                                    .ok()
                                    .at("/manager_stats/total_connections")
                                    .asInt())
                            .isEqualTo(1));
        }
    }

    @Test
    void theLocalOwnersSocketsAreNotLimitedButCounted() {
        restart("websocket.max-connections-per-user", "2");
        var sockets = new ArrayList<TestingSocket>();
        for (int i = 0; i < 4; i++) {
            TestingSocket socket = watch("w" + i / 2);
            assertThat(socket.next().path("status").asText()).isEqualTo("connected");
            sockets.add(socket);
        }
        JsonNode status = server.get("/api/v1/websocket/status").ok();
        assertThat(status.path("websocket_enabled").asBoolean()).isTrue();
        assertThat(status.path("manager_stats").toString())
                .isEqualTo("{\"total_connections\":4,\"active_batches\":2,\"connections_per_user\":{\"local\":4}}");
        assertThat(status.at("/endpoints/upload_progress").asText())
                .isEqualTo("/ws/upload-progress/{batch_id}?token={jwt_token}");
        sockets.forEach(TestingSocket::close);
        await().untilAsserted(() -> assertThat(server.get("/api/v1/websocket/status")
                        .ok()
                        .at("/manager_stats/total_connections")
                        .asInt())
                .isZero());
    }

    @Test
    void socketsThatAreNotEnabledAreNotThere() {
        restart("websocket.enabled", "false");
        try (TestingSocket socket = watch("b7")) {
            assertThat(socket.status).isEqualTo(404);
        }
        assertThat(server.get("/api/v1/websocket/status")
                        .ok()
                        .path("websocket_enabled")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void aServerThatGoesDownSendsItsWatchersElsewhere() {
        try (TestingSocket socket = watch("b8")) {
            assertThat(socket.next().path("status").asText()).isEqualTo("connected");
            Thread.ofVirtual().start(server.server::close);
            assertThat(socket.end().code()).isEqualTo(4011);
        }
    }
}
