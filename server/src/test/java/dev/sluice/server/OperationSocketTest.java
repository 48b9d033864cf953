package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingSocket.End;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The socket of desktop programs, as wire contract §4 has it to the letter.
@Timeout(60)
class OperationSocketTest {
    private static final Set<String> MEMBERS = new TreeSet<>(Set.of(
            "type",
            "batch_id",
            "filesProcessed",
            "totalFiles",
            "progressPercentage",
            "currentFile",
            "status",
            "timestamp",
            "speed",
            "operationType"));

    @TempDir
    Path folder;

    private Path root;
    private int port;
    private TestingServer server;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(folder.resolve("root"));
        port = freePort();
        server = server("data", port);
    }

    private TestingServer server(String data, int port) throws IOException {
        return new TestingServer(
                Files.createDirectory(folder.resolve(data)),
                Map.of(
                        "files.roots",
                        root.toString(),
                        "operations.port",
                        Integer.toString(port),
                        "operations.origins",
                        "http://localhost:5173",
                        "websocket.control.max-message-size",
                        "4096"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /// A port below those that the kernel gives by itself: the server starts without one that is taken, so a server
    /// of another test that was just given it would answer in its place.
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // The next one.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private TestingSocket shell(String... headers) {
        return new TestingSocket(URI.create("http://127.0.0.1:" + port), "/", headers);
    }

    private static void register(TestingSocket shell, String batch) {
        shell.sendText("{\"type\":\"register\",\"batch_id\":\"" + batch + "\",\"client_type\":\"operation_progress\"}");
    }

    /// A copy of one file in each of some folders, so that one after the other is finished.
    private String copy(String batch, int files, int bytes, int bandwidth) throws IOException {
        return copy(batch, Collections.nCopies(files, bytes), bandwidth);
    }

    private String copy(String batch, List<Integer> sizes, int bandwidth) throws IOException {
        for (int i = 0; i < sizes.size(); i++) {
            Path from = Files.createDirectories(root.resolve(batch + "/" + i));
            Files.write(from.resolve("f.bin"), TestingServer.bytes(sizes.get(i)));
        }
        var body = TestingServer.JSON
                .createObjectNode()
                .put("operation", "copy")
                .put("target", "out/")
                .put("bandwidth", bandwidth)
                .put("batch_id", batch);
        body.putArray("sources").add(batch);
        var answer = server.post("/api/v1/operations", body.toString());
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json().path("id").asText();
    }

    private static List<JsonNode> upToTheEnd(TestingSocket shell) {
        var messages = new ArrayList<JsonNode>();
        do {
            messages.add(shell.next());
        } while (messages.getLast().path("status").asText().equals("running"));
        return messages;
    }

    private static void isWellFormed(JsonNode message, String batch) {
        var members = new TreeSet<String>();
        message.fieldNames().forEachRemaining(members::add);
        members.remove("error");
        assertThat(members).isEqualTo(MEMBERS);
        assertThat(message.path("type").asText()).isEqualTo("progress");
        assertThat(message.path("batch_id").asText()).isEqualTo(batch);
        for (String number : List.of("filesProcessed", "totalFiles", "timestamp")) {
            assertThat(message.path(number).isIntegralNumber()).as(number).isTrue();
        }
        assertThat(message.path("progressPercentage").asDouble()).isBetween(0.0, 100.0);
        assertThat(message.path("speed").isNumber()).isTrue();
        assertThat(message.path("currentFile").isTextual()).isTrue();
        assertThat(message.path("timestamp").asLong())
                .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
        assertThat(message.path("operationType").asText()).isEqualTo("copy");
        assertThat(message.path("status").asText()).isIn("running", "completed", "failed", "cancelled");
    }

    // ---- What is told

    @Test
    void anOperationIsToldOfFromItsBeginToItsEnd() throws IOException {
        try (TestingSocket shell = shell("Origin", "file://")) {
            assertThat(shell.status).isEqualTo(101);
            register(shell, "night-7");
            copy("night-7", 4, 1 << 20, 4 << 20);
            List<JsonNode> messages = upToTheEnd(shell);
            messages.forEach(message -> isWellFormed(message, "night-7"));
            JsonNode last = messages.getLast();
            assertThat(last.path("status").asText()).isEqualTo("completed");
            assertThat(last.path("progressPercentage").asDouble()).isEqualTo(100);
            assertThat(last.path("filesProcessed").asInt()).isEqualTo(4);
            assertThat(last.path("totalFiles").asInt()).isEqualTo(4);
            assertThat(last.path("speed").asDouble()).isPositive();
            assertThat(messages)
                    .anySatisfy(message ->
                            assertThat(message.path("currentFile").asText()).endsWith("/f.bin"))
                    .anySatisfy(message ->
                            assertThat(message.path("speed").asDouble()).isBetween(0.5, 50.0));
            assertThat(messages)
                    .extracting(message -> message.path("progressPercentage").asDouble())
                    .isSorted();

            // The socket stays open, and says nothing more of its own.
            shell.sendText("{\"type\":\"ping\",\"timestamp\":1}");
            assertThat(shell.next().toString()).isEqualTo("{\"type\":\"pong\",\"timestamp\":1}");
        }
    }

    @Test
    void atMostTenMessagesASecondAreSent() throws IOException {
        try (TestingSocket shell = shell()) {
            register(shell, "many");
            copy("many", 3, 1 << 20, 1 << 20);
            List<JsonNode> messages = upToTheEnd(shell);
            long span = messages.getLast().path("timestamp").asLong()
                    - messages.getFirst().path("timestamp").asLong();
            assertThat(span).isGreaterThan(1000);
            assertThat(messages.size()).isBetween(8, (int) (span / 100 + 3));
        }
    }

    @Test
    void whoRegistersLateIsToldHowFarItIsAndHowItEnded() throws IOException {
        String id = copy("late", 1, 4 << 20, 4 << 20);
        await().until(() -> server.job(id).path("progress").path("bytes").asLong() > 0);
        try (TestingSocket shell = server.socket("/ws/operations")) {
            register(shell, "late");
            JsonNode first = shell.next();
            isWellFormed(first, "late");
            assertThat(first.path("status").asText()).isEqualTo("running");
            assertThat(first.path("totalFiles").asInt()).isEqualTo(1);
            server.becomes(id, "completed");
            assertThat(upToTheEnd(shell).getLast().path("status").asText()).isEqualTo("completed");
            register(shell, "late");
            JsonNode after = shell.next();
            isWellFormed(after, "late");
            assertThat(after.path("status").asText()).isEqualTo("completed");
            assertThat(after.path("filesProcessed").asInt()).isEqualTo(1);
        }
    }

    @Test
    void registeringAgainChangesTheBatch() throws IOException {
        copy("one", 1, 8 << 20, 2 << 20);
        try (TestingSocket shell = shell()) {
            register(shell, "one");
            assertThat(shell.next().path("batch_id").asText()).isEqualTo("one");
            register(shell, "two");
            shell.sendText("{\"type\":\"ping\",\"timestamp\":\"now\"}");
            JsonNode message = shell.next();
            while (message.path("type").asText().equals("progress")) {
                assertThat(message.path("batch_id").asText()).isEqualTo("one");
                message = shell.next();
            }
            assertThat(message.toString()).isEqualTo("{\"type\":\"pong\",\"timestamp\":\"now\"}");
            copy("two", 1, 1 << 20, 4 << 20);
            upToTheEnd(shell).forEach(told -> isWellFormed(told, "two"));
        }
    }

    @Test
    void whatWaitsOrIsPausedRunsOutside() throws IOException {
        String id = copy("rest", 1, 8 << 20, 4 << 20);
        try (TestingSocket shell = shell()) {
            register(shell, "rest");
            await().until(() -> server.job(id).path("progress").path("bytes").asLong() > 0);
            server.post("/api/v1/jobs/" + id + "/pause").ok();
            server.becomes(id, "paused");
            register(shell, "rest");
            shell.sendText("{\"type\":\"ping\",\"timestamp\":1}");
            JsonNode message = shell.next();
            while (message.path("type").asText().equals("progress")) {
                assertThat(message.path("status").asText()).isEqualTo("running");
                message = shell.next();
            }
            server.post("/api/v1/jobs/" + id + "/cancel").ok();
            List<JsonNode> messages = upToTheEnd(shell);
            assertThat(messages.getLast().path("status").asText()).isEqualTo("cancelled");
            assertThat(messages.getLast().path("filesProcessed").asInt()).isZero();
        }
    }

    @Test
    void whyItFailedIsSaid() throws IOException {
        Files.createDirectories(root.resolve("out/bad/0"));
        Files.writeString(root.resolve("out/bad/0/f.bin"), "old");
        copy("bad", 1, 1, 1 << 20);
        try (TestingSocket shell = shell()) {
            register(shell, "bad");
            JsonNode last = upToTheEnd(shell).getLast();
            isWellFormed(last, "bad");
            assertThat(last.path("status").asText()).isEqualTo("failed");
            assertThat(last.path("error").asText()).contains("is there already");
        }
    }

    @Test
    void howManyFilesWereDoneIsKnownAfterACancelToo() throws IOException {
        String id = copy("half", List.of(64 << 10, 2 << 20, 2 << 20), 1 << 20);
        await().until(() -> server.job(id).path("progress").path("items").asLong() == 1);
        server.post("/api/v1/cli/cancel/half").ok();
        try (TestingSocket shell = shell()) {
            register(shell, "half");
            JsonNode message = shell.next();
            assertThat(message.path("status").asText()).isEqualTo("cancelled");
            assertThat(message.path("filesProcessed").asInt()).isEqualTo(1);
            assertThat(message.path("totalFiles").asInt()).isEqualTo(3);
        }
    }

    @Test
    void aServerThatGoesDownTellsTheLastWordAndSendsAway() throws IOException {
        copy("rest", 1, 8 << 20, 2 << 20);
        try (TestingSocket shell = shell()) {
            register(shell, "rest");
            assertThat(shell.next().path("status").asText()).isEqualTo("running");
            Thread closing = Thread.ofPlatform().start(server::close);
            End end = shell.end();
            assertThat(end.code()).isEqualTo(4011);
            assertThat(end.types()).contains("progress");
            closing.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        server = server("another", 0);
    }

    // ---- What is taken

    @Test
    void withoutRegisteringNothingIsSent() throws IOException {
        try (TestingSocket shell = shell()) {
            server.becomes(copy("silent", 1, 1, 1 << 20), "completed");
            shell.sendText("{\"type\":\"dance\"}");
            shell.sendText("{\"type\":\"ping\"}");
            JsonNode first = shell.next();
            assertThat(first.path("type").asText()).isEqualTo("pong");
            assertThat(first.path("timestamp").isIntegralNumber()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping",
                "[]",
                "{}",
                "{\"type\":\"register\"}",
                "{\"type\":\"register\",\"batch_id\":\"a b\"}",
                "{\"type\":\"register\",\"batch_id\":7}"
            })
    void whatIsNoMessageClosesTheSocketAndSaysWhy(String message) {
        try (TestingSocket shell = shell()) {
            shell.sendText(message);
            End end = shell.end();
            assertThat(end.code()).as(end.reason()).isEqualTo(1008);
            assertThat(end.reason()).isNotBlank();
        }
    }

    @Test
    void longMessagesAndTooManyEndIt() {
        try (TestingSocket shell = shell()) {
            shell.sendText("{\"type\":\"ping\",\"more\":\"" + "x".repeat(5000) + "\"}");
            assertThat(shell.end().code()).isEqualTo(1009);
        }
        try (TestingSocket shell = shell()) {
            for (int i = 0; i < 30; i++) {
                shell.sendText("{\"type\":\"ping\",\"timestamp\":" + i + "}");
            }
            assertThat(shell.end().code()).isEqualTo(4008);
        }
    }

    // ---- Who is let in

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example.org", "null", "http://localhost:5174", "https://localhost:5173", ""})
    void aForeignOriginIsRefused(String origin) {
        try (TestingSocket shell = shell("Origin", origin)) {
            assertThat(shell.status).isEqualTo(403);
            assertThat(shell.body()).contains("\"code\":\"forbidden\"");
        }
        try (TestingSocket socket = server.socket("/ws/operations", "Origin", origin)) {
            assertThat(socket.status).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file://", "http://localhost:5173"})
    void programsAndOriginsThatAreConfiguredAreLetIn(String origin) {
        try (TestingSocket shell = shell("Origin", origin)) {
            assertThat(shell.status).isEqualTo(101);
        }
        try (TestingSocket socket = server.socket("/ws/operations", "Origin", origin)) {
            assertThat(socket.status).isEqualTo(101);
        }
        try (TestingSocket socket = server.socket("/ws/jobs", "Origin", origin)) {
            assertThat(socket.status).as("other sockets").isEqualTo(403);
        }
    }

    @Test
    void aForeignNameIsRefused() {
        try (TestingSocket shell = shell("Host", "evil.example.org")) {
            assertThat(shell.status).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/jobs", "/ws/jobs", "/health", "/ws/operations"})
    void nothingElseIsAtThatPort(String path) {
        try (var socket = new TestingSocket(URI.create("http://127.0.0.1:" + port), path)) {
            assertThat(socket.status).isEqualTo(404);
        }
    }

    @Test
    void aPortThatSomebodyElseHasIsDoneWithout() throws IOException {
        try (TestingServer second = server("second", port);
                TestingSocket socket = second.socket("/ws/operations")) {
            assertThat(socket.status).isEqualTo(101);
            second.get("/health").ok();
        }
        try (TestingSocket shell = shell()) {
            assertThat(shell.status).isEqualTo(101);
        }
    }
}
