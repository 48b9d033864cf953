package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.TestingServer.File;
import dev.sluice.server.TestingSocket.End;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a watcher may send, and how its socket ends when it sends something else.
@Timeout(60)
class JobsSocketTest {
    private static final int MESSAGES_PER_SECOND = 5;
    private static final int MESSAGE_BYTES = 4096;

    @TempDir
    static Path folder;

    private static TestingServer server;

    @BeforeAll
    static void start() {
        server = new TestingServer(
                folder,
                Map.of(
                        "websocket.control.messages-per-second", Integer.toString(MESSAGES_PER_SECOND),
                        "websocket.control.max-message-size", Integer.toString(MESSAGE_BYTES)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aPingIsAnswered() {
        try (TestingSocket socket = watcher()) {
            socket.sendText("{\"type\":\"ping\"}");
            assertThat(socket.next().toString()).isEqualTo("{\"type\":\"pong\"}");
        }
    }

    @Test
    void aJobThatIsSubscribedToIsShown() {
        File file = server.announce("watched.bin", 3);
        File other = server.announce("other.bin", 3);
        try (TestingSocket socket = server.socket("/ws/jobs?jobs=" + other.id())) {
            assertThat(socket.next().path("jobs").findValuesAsText("id")).containsExactly(other.id());
            socket.sendText("{\"type\":\"subscribe\",\"jobs\":[\"" + file.id() + "\"]}");
            assertThat(socket.next().path("jobs").findValuesAsText("id")).containsExactly(file.id());
            server.post("/api/v1/jobs/" + file.id() + "/cancel").ok();
            assertThat(socket.next().path("event").asText()).isEqualTo("cancelled");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping",
                "[]",
                "{}",
                "{\"type\":\"dance\"}",
                "{\"type\":\"subscribe\"}",
                "{\"type\":\"subscribe\",\"jobs\":\"all\"}",
                "{\"type\":\"ping\""
            })
    void whatIsNoMessageClosesTheSocketAndSaysWhy(String message) {
        try (TestingSocket socket = watcher()) {
            socket.sendText(message);
            End end = socket.end();
            assertThat(end.code()).as(end.reason()).isEqualTo(1008);
            assertThat(end.reason()).isNotBlank();
        }
    }

    @Test
    void aBinaryMessageClosesTheSocketAndSaysWhy() {
        for (int size : new int[] {0, 3, 5000}) {
            try (TestingSocket socket = watcher()) {
                socket.send(new byte[size]);
                End end = socket.end();
                assertThat(end.code()).as(end.reason()).isEqualTo(1008);
                assertThat(end.reason()).contains("text");
            }
        }
    }

    @Test
    void aSocketAtAPathWithoutOneIsNotFound() {
        for (String path : new String[] {"/ws/jobs/x", "/ws/upload/../x", "/nothing"}) {
            try (TestingSocket socket = server.socket(path)) {
                assertThat(socket.status).as(socket.head).isEqualTo(404);
                assertThat(socket.body()).contains("\"code\":\"not_found\"");
            }
        }
    }

    @Test
    void aMessageOverTheLimitIsTooLarge() {
        try (TestingSocket socket = watcher()) {
            socket.sendText(ids(MESSAGE_BYTES));
            End end = socket.end();
            assertThat(end.code()).isEqualTo(1009);
            assertThat(end.reason()).contains(Integer.toString(MESSAGE_BYTES));
        }
    }

    @Test
    void aMessageOverTheLimitIsTooLargeInPiecesToo() {
        try (TestingSocket socket = watcher()) {
            socket.sendTextFragmented(new byte[MESSAGE_BYTES + 1], 1024);
            assertThat(socket.end().code()).isEqualTo(1009);
        }
    }

    @Test
    void moreMessagesThanASecondMayHaveCloseTheSocket() {
        try (TestingSocket socket = watcher()) {
            // Were a second to end in between, the next one would be full as well.
            for (int i = 0; i < 2 * MESSAGES_PER_SECOND + 1; i++) {
                socket.sendText("{\"type\":\"ping\"}");
            }
            End end = socket.end();
            assertThat(end.code()).isEqualTo(4008);
            assertThat(end.reason()).contains(MESSAGES_PER_SECOND + " messages per second");
        }
    }

    private static TestingSocket watcher() {
        TestingSocket socket = server.socket("/ws/jobs");
        assertThat(socket.next().path("type").asText()).isEqualTo("snapshot");
        return socket;
    }

    private static String ids(int bytes) {
        return Stream.generate(() -> "\"" + UUID.randomUUID() + "\"")
                .limit(bytes / 38 + 1)
                .collect(Collectors.joining(",", "{\"type\":\"subscribe\",\"jobs\":[", "]}"));
    }
}
