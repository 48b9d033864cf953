package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.File;
import dev.sluice.server.TestingSocket.End;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Uploads by WebSocket: each way in which one ends.
@Timeout(60)
class UploadSocketTest {
    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @BeforeAll
    static void start() {
        server = new TestingServer(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aFileGoesUpAndIsAnsweredWithItsAddress() {
        File file = server.announce("ws.bin", 200_000);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.send(Arrays.copyOf(bytes(200_000), 100_000));
            socket.send(Arrays.copyOfRange(bytes(200_000), 100_000, 200_000));
            End end = socket.end();
            assertThat(end.code()).as("%s", end).isEqualTo(1000);
            assertThat(end.types()).endsWith("progress", "success");
            assertThat(end.messages()
                            .get(end.messages().size() - 2)
                            .path("value")
                            .asInt())
                    .isEqualTo(100);
            String address = end.messages().getLast().path("value").asText();
            assertThat(address).isEqualTo("/api/v1/download/stream/" + file.id());
            assertThat(server.get(address).bytes()).isEqualTo(bytes(200_000));
        }
    }

    /// However a file is cut into messages and frames, its bytes arrive as they were before they were masked.
    @Test
    void framesOfAllSizesAreUnmasked() {
        var random = new Random(7);
        for (int round = 0; round < 8; round++) {
            byte[] content = new byte[3_000_000 + random.nextInt(9)];
            random.nextBytes(content);
            File file = server.announce("ws-cut-" + round + ".bin", content.length);
            try (TestingSocket socket = server.socket(file.socket())) {
                for (int at = 0; at < content.length; ) {
                    int end = Math.min(content.length, at + 1 + random.nextInt(round < 4 ? 5_000 : 1_500_000));
                    byte[] message = Arrays.copyOfRange(content, at, end);
                    int frame = 1 + random.nextInt(message.length);
                    socket.sendFragmented(message, random.nextBoolean() ? message.length : frame);
                    if (random.nextInt(50) == 0) {
                        socket.sendPing(new byte[random.nextInt(126)]);
                    }
                    at = end;
                }
                assertThat(socket.end().code()).isEqualTo(1000);
            }
            assertThat(server.get("/api/v1/download/stream/" + file.id()).bytes())
                    .isEqualTo(content);
        }
    }

    /// More clients than the storage has threads, each of them always ready with more than the disk takes.
    @Test
    void fastClientsTakeTurns() throws Exception {
        try (var own = new TestingServer(folder.resolve("turns"), Map.of())) {
            var files = new ArrayList<File>();
            var sockets = new ArrayList<TestingSocket>();
            for (int i = 0; i < 8; i++) {
                File file = own.announce("ws-fast-" + i + ".bin", 4L << 30);
                TestingSocket socket = own.socket(file.socket());
                files.add(file);
                sockets.add(socket);
                Thread.ofVirtual().start(() -> flood(socket));
            }
            Thread.sleep(1_000);
            for (File file : files) {
                JsonNode job = own.get("/api/v1/jobs/" + file.id()).json();
                assertThat(job.path("state").asText()).isEqualTo("running");
                assertThat(job.path("progress").path("bytes").asLong()).isGreaterThan(1L << 20);
                own.post("/api/v1/jobs/" + file.id() + "/cancel").ok();
            }
            for (TestingSocket socket : sockets) {
                assertThat(socket.end().code()).isEqualTo(4001);
                socket.close();
            }
        }
    }

    private static void flood(TestingSocket socket) {
        byte[] message = new byte[4 << 20];
        try {
            while (true) {
                socket.send(message);
            }
        } catch (UncheckedIOException e) {
            // It was cancelled.
        }
    }

    @Test
    void anEmptyFileIsDoneAtConnect() {
        File file = server.announce("ws-empty.bin", 0);
        End end = ended(file.socket());
        assertThat(end.code()).as("%s", end).isEqualTo(1000);
        assertThat(end.types()).endsWith("progress", "success");
        assertThat(server.held()).contains("ws-empty.bin");
    }

    @Test
    void moreBytesThanAnnouncedInOneMessageAreAnErrorAndNothingIsStored() {
        File file = server.announce("ws-more.bin", 10);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.send(bytes(11));
            refusedForItsSize(file, socket.end());
        }
        assertThat(server.held()).noneMatch(name -> name.startsWith("ws-more"));
    }

    @Test
    void moreBytesThanAnnouncedInSeveralMessagesAreAnErrorAndNothingIsStored() {
        File file = server.announce("ws-several.bin", 10);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.send(bytes(6));
            socket.send(bytes(6));
            refusedForItsSize(file, socket.end());
        }
        assertThat(server.held()).noneMatch(name -> name.startsWith("ws-several"));
    }

    private static void refusedForItsSize(File file, End end) {
        assertThat(end.types()).contains("error").doesNotContain("success");
        assertThat(end.messages().getLast().path("value").asText()).contains("10");
        assertThat(end.code()).as("%s", end).isEqualTo(1008);
        assertThat(end.reason()).isEqualTo("size_mismatch");
        JsonNode document = server.get("/api/v1/upload/" + file.id()).ok();
        assertThat(document.path("status").asText()).isEqualTo("failed");
        assertThat(document.path("code").asText()).isEqualTo("size_mismatch");
        server.nothingIsLeftOf(file.id());
        End again = ended(file.socket());
        assertThat(again.code()).isEqualTo(1008);
        assertThat(again.types()).contains("error");
    }

    @Test
    void aMessageOverSixteenMebibytesIsTooLarge() {
        File file = server.announce("ws-large.bin", 40 << 20);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.sendFragmented(new byte[(16 << 20) + 1], 1 << 20);
            End end = socket.end();
            assertThat(end.code()).as("%s", end).isEqualTo(1009);
        }
    }

    @Test
    void oneFrameOverSixteenMebibytesIsTooLargeToo() {
        File file = server.announce("ws-frame.bin", 40 << 20);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.sendFragmented(new byte[(16 << 20) + 1], Integer.MAX_VALUE / 2);
            assertThat(socket.end().code()).isEqualTo(1009);
        }
    }

    @Test
    void aMessageOfSixteenMebibytesIsTaken() {
        File file = server.announce("ws-sixteen.bin", 16 << 20);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.sendFragmented(new byte[16 << 20], 1 << 20);
            assertThat(socket.end().code()).isEqualTo(1000);
        }
    }

    @Test
    void unknownFilesAreRefused() {
        for (String id : new String[] {"0199aaaa-0000-7000-8000-000000000000", "no%20id", "x"}) {
            End end = ended("/ws/upload/" + id);
            assertThat(end.code()).as("%s", end).isEqualTo(1008);
            assertThat(end.reason()).isEqualTo("File ID not found");
        }
    }

    @Test
    void theHandleOfAnotherFileIsRefused() {
        File file = server.announce("ws-mine.bin", 10);
        File other = server.announce("ws-other.bin", 10);
        String path = "/ws_api/upload/" + file.id();
        for (String wrong : new String[] {
            "",
            "?gdrive_url=",
            "?gdrive_url=" + URLEncoder.encode(other.handle(), StandardCharsets.UTF_8),
            "?gdrive_url=" + URLEncoder.encode("https://example.org/upload", StandardCharsets.UTF_8)
        }) {
            assertThat(ended(path + wrong).code()).as(wrong).isEqualTo(1008);
            assertThat(ended("/ws_api/upload_parallel/" + file.id() + wrong).code())
                    .isEqualTo(1008);
        }
        assertThat(ended("/ws/upload/" + file.id() + "?gdrive_url=nonsense").code())
                .isEqualTo(1008);
        assertThat(server.state(file.id())).isEqualTo("pending");
    }

    @Test
    void theHandleIsNotNeededWhereTheContractSaysSo() {
        File file = server.announce("ws-nohandle.bin", 3);
        try (TestingSocket socket = server.socket("/ws/upload/" + file.id())) {
            socket.send(bytes(3));
            assertThat(socket.end().code()).isEqualTo(1000);
        }
    }

    @Test
    void whoSendsPingsAndReadsNoPongsIsReadNoMore() {
        File file = server.announce("pings.bin", 10);
        try (TestingSocket socket = server.socket(file.socket())) {
            var sent = new AtomicInteger();
            var flood = Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (sent.get() < 1_000_000) {
                        socket.sendPing(new byte[125]);
                        sent.incrementAndGet();
                    }
                } catch (UncheckedIOException e) {
                    // The test has closed the socket.
                }
            });
            var before = new AtomicInteger(-1);
            await().pollInterval(Duration.ofMillis(500)).until(() -> before.getAndSet(sent.get()) == sent.get());
            assertThat(flood.isAlive()).as("the sender waits").isTrue();
            assertThat(sent.get()).isLessThan(1_000_000);
        }
    }

    @Test
    void textIsNotTaken() {
        File file = server.announce("ws-text.bin", 3);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.sendText("abc");
            assertThat(socket.end().code()).isEqualTo(1008);
        }
        server.becomes(file.id(), "pending");
    }

    @Test
    void aTextAfterTheLastByteDoesNotUndoTheFile() {
        File file = server.announce("ws-text-after.bin", 3);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.send(bytes(3));
            socket.sendText("done");
            End end = socket.end();
            assertThat(end.code()).as("%s", end).isEqualTo(1000);
            assertThat(end.types()).endsWith("progress", "success");
        }
        assertThat(server.state(file.id())).isEqualTo("completed");
    }

    @Test
    void aSocketOnAnEndedFileIsToldItsEnd() {
        File done = server.uploaded("ws-done.bin", bytes(3));
        End end = ended(done.socket());
        assertThat(end.code()).as("%s", end).isEqualTo(1000);
        assertThat(end.types()).containsExactly("progress", "success");

        File cancelled = server.announce("ws-cancelled.bin", 3);
        server.post("/api/v1/upload/cancel/" + cancelled.id()).ok();
        end = ended(cancelled.socket());
        assertThat(end.code()).as("%s", end).isEqualTo(4001);
        assertThat(end.types()).containsExactly("cancelled");

        File paused = server.announce("ws-paused.bin", 3);
        server.post("/api/v1/jobs/" + paused.id() + "/pause").ok();
        assertThat(ended(paused.socket()).code()).isEqualTo(4009);
    }

    @Test
    void aCancelEndsTheSocketAndLeavesNothing() {
        File file = server.announce("ws-cancel.bin", 1000);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.send(bytes(400));
            await().untilAsserted(() -> assertThat(
                            server.job(file.id()).path("progress").path("bytes").asLong())
                    .isEqualTo(400));
            JsonNode answer = server.post("/api/v1/upload/cancel/" + file.id()).ok();
            assertThat(answer.path("message").asText()).isEqualTo("Upload cancelled successfully");
            assertThat(answer.path("filename").asText()).isEqualTo("ws-cancel.bin");
            assertThat(answer.path("stopped").asBoolean()).isTrue();
            End end = socket.end();
            assertThat(end.code()).as("%s", end).isEqualTo(4001);
            assertThat(end.messages().getLast().path("type").asText()).isEqualTo("cancelled");
            assertThat(end.messages().getLast().path("value").asText()).isEqualTo("Upload cancelled");
        }
        assertThat(server.job(file.id()).path("progress").path("bytes").asLong())
                .isEqualTo(400);
        server.nothingIsLeftOf(file.id());
        server.post("/api/v1/upload/cancel/" + file.id()).problem(400, "not_cancellable");
    }

    @Test
    void aPauseEndsTheSocketAndAResumeLetsItGoOn() {
        byte[] content = bytes(1000);
        File file = server.announce("ws-pause.bin", 1000);
        try (TestingSocket socket = server.socket(file.socket() + "&offset=auto")) {
            assertThat(socket.next().path("offset").asInt()).isZero();
            socket.send(Arrays.copyOf(content, 400));
            server.becomes(file.id(), "running");
            await().untilAsserted(() -> assertThat(server.get("/api/v1/upload/" + file.id())
                            .ok()
                            .path("offset")
                            .asInt())
                    .isEqualTo(400));
            server.post("/api/v1/jobs/" + file.id() + "/pause").ok();
            assertThat(socket.end().code()).isEqualTo(4009);
        }
        server.post("/api/v1/jobs/" + file.id() + "/resume").ok();
        try (TestingSocket socket = server.socket(file.socket() + "&offset=auto")) {
            JsonNode ready = socket.next();
            assertThat(ready.path("type").asText()).isEqualTo("ready");
            assertThat(ready.path("offset").asInt()).isEqualTo(400);
            socket.send(Arrays.copyOfRange(content, 400, 1000));
            assertThat(socket.end().code()).isEqualTo(1000);
        }
        assertThat(server.get("/api/v1/download/stream/" + file.id()).bytes()).isEqualTo(content);
    }

    @Test
    void theNewestConnectionWins() {
        File file = server.announce("ws-two.bin", 10);
        try (TestingSocket older = server.socket(file.socket() + "&offset=auto")) {
            older.next();
            try (TestingSocket newer = server.socket(file.socket() + "&offset=auto")) {
                End end = older.end();
                assertThat(end.code()).as("%s", end).isEqualTo(1008);
                assertThat(end.reason()).isEqualTo("superseded");
                newer.next();
                newer.send(bytes(10));
                assertThat(newer.end().code()).isEqualTo(1000);
            }
        }
    }

    @Test
    void aClientThatClosesBeforeTheLastByteCancelsItsFile() {
        for (int code : new int[] {1000, 1001}) {
            File file = server.announce("ws-leave.bin", 10);
            try (TestingSocket socket = server.socket(file.socket())) {
                socket.send(bytes(4));
                server.becomes(file.id(), "running");
                socket.sendClose(code);
                socket.end();
            }
            server.becomes(file.id(), "cancelled");
            assertThat(server.get("/api/v1/upload/" + file.id())
                            .ok()
                            .path("cancelled_by")
                            .asText())
                    .isEqualTo("websocket");
            server.nothingIsLeftOf(file.id());
        }
    }

    @Test
    void aClientThatCanResumeAndLeavesThePageFindsItsFileAsItWas() {
        File file = server.announce("ws-page.bin", 10);
        try (TestingSocket socket = server.socket(file.socket() + "&offset=auto")) {
            socket.next();
            socket.send(bytes(4));
            server.becomes(file.id(), "running");
            socket.sendClose(1001);
            socket.end();
        }
        server.becomes(file.id(), "pending");
        assertThat(server.get("/api/v1/upload/" + file.id()).ok().path("status").asText())
                .isEqualTo("uploading");
    }

    @Test
    void aClientThatStillSendsAfterAnErrorSeesItsCloseCode() {
        File file = server.announce("text.bin", 64 << 20);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.sendText("no bytes");
            for (int i = 0; i < 16; i++) {
                socket.send(new byte[1 << 20]);
            }
            assertThat(socket.end().code()).isEqualTo(1008);
        }
    }

    @Test
    void aSocketThatIsCutLeavesTheFileResumable() {
        File file = server.announce("ws-cut.bin", 10);
        try (TestingSocket socket = server.socket(file.socket())) {
            socket.send(bytes(4));
            server.becomes(file.id(), "running");
        }
        server.becomes(file.id(), "pending");
    }

    private static End ended(String path) {
        try (TestingSocket socket = server.socket(path)) {
            assertThat(socket.status).as(socket.head).isEqualTo(101);
            return socket.end();
        }
    }
}
