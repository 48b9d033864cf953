package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static dev.sluice.server.TestingServer.initiation;
import static dev.sluice.server.TestingServer.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.app.Configuration;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.DataFolder;
import dev.sluice.server.TestingServer.File;
import dev.sluice.server.TestingSocket.End;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The server in its surroundings: folders, disks, configuration, slow clients, what it says of itself.
@Timeout(60)
class RunningServerTest {
    @TempDir
    Path folder;

    // ---- What it says of itself

    @Test
    void healthMetricsAndIndexAreThere() {
        try (var server = new TestingServer(folder, Map.of())) {
            for (String path : new String[] {"/health", "/health/live", "/health/ready"}) {
                assertThat(server.get(path).ok().path("status").asText()).isEqualTo("up");
            }
            File file = server.uploaded("m.bin", bytes(10));
            String batch = server.announce("c.bin", 10).id();
            server.post("/api/v1/jobs/" + batch + "/cancel").ok();
            server.get("/api/v1/jobs/none").problem(404, "not_found");
            File failing = server.announce("f.bin", 2);
            try (TestingSocket socket = server.socket(failing.socket())) {
                socket.send(bytes(3));
                assertThat(socket.end().code()).isEqualTo(1008);
            }
            await().untilAsserted(() -> assertThat(server.get("/metrics").text())
                    .contains(
                            "sluice_jobs{kind=\"upload\",state=\"completed\"} 1",
                            "sluice_bytes_stored_bytes_total{kind=\"upload\"} 10",
                            "sluice_debts ",
                            "sluice_watchers ",
                            "sluice_outbox_bytes ",
                            "sluice_messages_sent_total ",
                            "sluice_cancel_decided_seconds_bucket",
                            "sluice_websocket_sends_seconds_bucket{le=\"0.001\"}",
                            "sluice_websocket_sends_seconds_count ",
                            "sluice_websocket_received_total 1",
                            "sluice_websocket_errors_total 0",
                            "sluice_websocket_refusals_total{code=\"1008\"} 1",
                            "sluice_http_requests_seconds_count{code=\"\",method=\"GET\",status=\"200\"}",
                            "sluice_http_requests_seconds_count{code=\"not_found\",method=\"GET\",status=\"404\"} 1",
                            "sluice_job_failures_total{code=\"size_mismatch\",kind=\"upload\",outcome=\"failed\"} 1",
                            "jvm_memory_used_bytes"));
            assertThat(server.get("/").text()).contains("Sluice", "/docs", "/metrics");
            assertThat(server.get("/api/v1/status")
                            .ok()
                            .path("jobs")
                            .path("upload")
                            .path("completed")
                            .asInt())
                    .isEqualTo(1);
            assertThat(server.state(file.id())).isEqualTo("completed");
        }
    }

    @Test
    void aServerThatGoesDownSaysThatItIsNotReady() throws Exception {
        try (var server = new TestingServer(folder, Map.of())) {
            var watchers = new ArrayList<TestingSocket>();
            // Watchers are sent away some hundreds at a time: meanwhile the server still answers.
            for (int i = 0; i < 1_201; i++) {
                watchers.add(server.socket("/ws/jobs"));
            }
            Thread stop = Thread.ofPlatform().start(server.server::close);
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .untilAsserted(() ->
                            assertThat(server.get("/health/ready").status()).isEqualTo(503));
            assertThat(server.get("/health/live").status()).isEqualTo(200);
            server.post("/api/v1/upload/initiate", initiation("late.bin", 1)).problem(503, "state_unavailable");
            for (TestingSocket watcher : watchers) {
                assertThat(watcher.end().code()).isEqualTo(4011);
                watcher.close();
            }
            assertThat(stop.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void connectionsOverTheLimitWaitForOneToEnd() throws IOException {
        try (var server = new TestingServer(folder, Map.of("server.max-connections", "2"));
                Socket first = server.connect()) {
            assertThat(answered(first)).startsWith("HTTP/1.1 200");
            Socket third;
            try (Socket second = server.connect()) {
                assertThat(answered(second)).startsWith("HTTP/1.1 200");
                third = server.connect();
                third.setSoTimeout(300);
                assertThatThrownBy(() -> answered(third)).isInstanceOf(SocketTimeoutException.class);
                assertThat(throughTheSocketOfTheFolder())
                        .as("the command line still gets in")
                        .startsWith("HTTP/1.1 200");
            }
            try (third) {
                third.setSoTimeout(20_000);
                assertThat(lineOf(third)).startsWith("HTTP/1.1 200");
            }
        }
    }

    private static String answered(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return lineOf(socket);
    }

    private static String lineOf(Socket socket) throws IOException {
        var line = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c >= 0 && c != '\r';
                c = socket.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    @Test
    void everyRequestIsWrittenDownAsJsonWithoutItsQuery() {
        try (var server = new TestingServer(folder, Map.of())) {
            server.get("/api/v1/jobs?q=secret-word");
            server.get("/api/v1/jobs/none");
            List<JsonNode> lines = linesOf("access", 2);
            assertThat(lines.toString()).doesNotContain("secret-word");
            JsonNode good = lines.getFirst();
            assertThat(good.path("path").textValue()).isEqualTo("/api/v1/jobs");
            assertThat(good.path("method").textValue()).isEqualTo("GET");
            assertThat(good.path("status").intValue()).isEqualTo(200);
            assertThat(good.path("user").textValue()).isEqualTo("local");
            assertThat(good.path("from").textValue()).isEqualTo("127.0.0.1");
            assertThat(good.path("sent").longValue()).isPositive();
            assertThat(good.path("millis").isDouble()).isTrue();
            assertThat(good.has("code")).isFalse();
            assertThat(Instant.parse(good.path("at").textValue())).isBefore(Instant.now());
            assertThat(lines.getLast().path("code").textValue()).isEqualTo("not_found");
        }
    }

    @Test
    void theAuditLogHasWhatChangesSomethingOpensASocketOrIsRefused() {
        try (var server = new TestingServer(folder, Map.of("log.access", "no"))) {
            server.get("/api/v1/jobs");
            server.announce("a.txt", 3);
            server.get("/api/v1/jobs", "Origin", "http://evil.example.org").problem(403, "forbidden");
            try (var socket = server.socket("/ws/jobs")) {
                socket.next();
            }
            List<JsonNode> lines = linesOf("audit", 3);
            assertThat(lines)
                    .extracting(line -> line.path("method").textValue() + " "
                            + line.path("path").textValue() + " "
                            + line.path("status").intValue() + " "
                            + line.path("code").asText())
                    .containsExactlyInAnyOrder(
                            "POST /api/v1/upload/initiate 200 ", "GET /api/v1/jobs 403 forbidden", "GET /ws/jobs 101 ");
            assertThat(folder.resolve("logs/access.jsonl")).isEmptyFile();
        }
    }

    private List<JsonNode> linesOf(String log, int count) {
        Path file = folder.resolve("logs").resolve(log + ".jsonl");
        await().untilAsserted(() -> assertThat(lines(file)).hasSizeGreaterThanOrEqualTo(count));
        return lines(file).stream()
                .map(line -> {
                    try {
                        return TestingServer.JSON.readTree(line);
                    } catch (IOException e) {
                        throw new UncheckedIOException(line, e);
                    }
                })
                .toList();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theSocketInTheDataFolderIsItsOwnersAndAsksForNoHostOrOrigin() throws IOException {
        try (var server = new TestingServer(folder, Map.of())) {
            Path socket = folder.resolve("sluice.sock");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            assertThat(throughTheSocketOfTheFolder()).startsWith("HTTP/1.1 200 ");
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
        assertThat(folder.resolve("sluice.sock")).doesNotExist();
        assertThat(folder.resolve("server.json")).doesNotExist();
    }

    private String throughTheSocketOfTheFolder() throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(folder.resolve("sluice.sock")));
            channel.write(StandardCharsets.US_ASCII.encode(String.join(
                    "\r\n",
                    "GET /health HTTP/1.1",
                    "Host: anything.example.org",
                    "Origin: http://evil.example.org",
                    "Connection: close",
                    "",
                    "")));
            return TestingServer.readAll(Channels.newInputStream(channel));
        }
    }

    // ---- Slow clients

    @Test
    void aStalledSocketIsFreedAndItsFileCanGoOn() {
        try (var server = new TestingServer(folder, Map.of("server.idle-timeout", "500ms"))) {
            File file = server.announce("stalled.bin", 100);
            try (TestingSocket socket = server.socket(file.socket() + "&offset=auto")) {
                socket.next();
                socket.send(bytes(40));
                socket.end();
            }
            server.becomes(file.id(), "pending");
            try (TestingSocket socket = server.socket(file.socket() + "&offset=auto")) {
                assertThat(socket.next().path("offset").asInt()).isEqualTo(40);
                socket.send(bytes(60));
                assertThat(socket.end().code()).isEqualTo(1000);
            }
        }
    }

    @Test
    void aStalledPutIsFreedAndItsFileCanGoOn() throws IOException {
        try (var server = new TestingServer(folder, Map.of("server.idle-timeout", "500ms"))) {
            File file = server.announce("stalled.bin", 100);
            try (Socket put = server.connect()) {
                put.getOutputStream()
                        .write(("PUT /api/v1/upload/" + file.id()
                                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
                put.getOutputStream().write(bytes(40));
                put.getOutputStream().flush();
                server.becomes(file.id(), "running");
                server.becomes(file.id(), "pending");
            }
            server.put(file.id(), bytes(60), "Content-Range", "bytes 40-99/100").ok();
        }
    }

    // ---- Full disks

    @Test
    void aFullDiskIsAnsweredWithWhatIsMissingAndNothingIsLeft() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString()))
                .as("only root can mount a small disk")
                .isZero();
        try (var server = new TestingServer(
                Files.createDirectory(folder.resolve("data")), Map.of("storages.local.path", disk.toString()))) {
            JsonNode early = server.post("/api/v1/upload/initiate", initiation("huge.bin", 64 << 20))
                    .problem(507, "disk_full");
            assertThat(early.path("missing_bytes").asLong()).isBetween(48L << 20, 49L << 20);
            server.postRaw("raw.bin", new byte[20 << 20]).problem(507, "disk_full");

            File put = server.announce("put.bin", 10 << 20);
            File socketed = server.announce("socket.bin", 10 << 20);
            Files.write(disk.resolve("ballast"), new byte[8 << 20]);
            assertThat(server.put(put.id(), new byte[10 << 20])
                            .problem(507, "disk_full")
                            .path("missing_bytes")
                            .asLong())
                    .isPositive();
            try (TestingSocket socket = server.socket(socketed.socket())) {
                End end = socket.end();
                assertThat(end.code()).as("%s", end).isEqualTo(1011);
                assertThat(end.types()).contains("error");
            }
            server.postMultipart(part("file", "form.txt", "text/plain", "x".repeat(9 << 20)) + "--XX--\r\n")
                    .problem(507, "disk_full");
            server.send(server.request("/api/v1/upload?filename=chunked.bin")
                            .POST(java.net.http.HttpRequest.BodyPublishers.ofInputStream(
                                    () -> new java.io.ByteArrayInputStream(new byte[9 << 20]))))
                    .problem(507, "disk_full");
            await().untilAsserted(() -> assertThat(TestingServer.held(disk)).containsExactly("ballast"));
            assertThat(server.state(put.id())).isEqualTo("failed");
            assertThat(server.job(put.id()).path("error").path("code").asText()).isEqualTo("disk_full");

            File midway = server.announce("midway.bin", 7 << 20);
            try (TestingSocket socket = server.socket(midway.socket())) {
                socket.send(new byte[2 << 20]);
                await().untilAsserted(() -> assertThat(server.get("/api/v1/upload/" + midway.id())
                                .ok()
                                .path("offset")
                                .asLong())
                        .isEqualTo(2 << 20));
                Files.write(disk.resolve("more"), new byte[4 << 20]);
                socket.send(new byte[5 << 20]);
                End end = socket.end();
                assertThat(end.code()).as("%s", end).isEqualTo(1011);
                assertThat(end.messages().getLast().path("value").asText()).contains("bytes are missing");
            }
            await().untilAsserted(() -> assertThat(TestingServer.held(disk)).containsExactly("ballast", "more"));
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    @Test
    void uploadsThatFillTheDiskTogetherLeaveTheReserveFree() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString()))
                .as("only root can mount a small disk")
                .isZero();
        try (var server = new TestingServer(
                        disk.resolve("data"), Map.of("storages.local.reserve", "16MiB", "log.access", "no"));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var files = new ArrayList<File>();
            for (int i = 0; i < 6; i++) {
                files.add(server.announce("big" + i + ".bin", 20 << 20));
            }
            var answers = new ArrayList<Future<Integer>>();
            for (File file : files) {
                answers.add(threads.submit(
                        () -> server.put(file.id(), new byte[20 << 20]).status()));
            }
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isIn(200, 507);
            }
            assertThat(Files.getFileStore(disk).getUsableSpace()).isGreaterThan(8L << 20);
            assertThat(server.get("/health/ready").status()).isEqualTo(200);
            File last = server.announce("small.bin", 10);
            server.post("/api/v1/jobs/" + last.id() + "/cancel").ok();
            for (File file : files) {
                assertThat(server.state(file.id())).isIn("completed", "failed");
            }
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    // ---- Folders

    @Test
    void aSecondServerOnOneFolderIsRefused() {
        try (var server = new TestingServer(folder, Map.of())) {
            assertThat(server.get("/health").status()).isEqualTo(200);
            assertThatThrownBy(() -> DataFolder.open(folder))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("another server runs on the data folder " + folder)
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("--data");
        }
        DataFolder.open(folder).close();
    }

    @Test
    void aDataFolderThatIsAFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> DataFolder.open(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> DataFolder.open(file.resolve("below")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aPortThatIsTakenIsSaid() {
        try (var server = new TestingServer(Folders.make(folder, "one"), Map.of())) {
            assertThatThrownBy(() -> new TestingServer(
                            Folders.make(folder, "two"), Map.of("server.port", Integer.toString(server.uri.getPort()))))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + server.uri.getPort())
                    .hasMessageContaining("--port");
        }
    }

    @Test
    void anAddressThatOthersReachIsRefused() {
        assertThatThrownBy(() -> new TestingServer(folder, Map.of("server.host", "0.0.0.0")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("server.host", "0.0.0.0")
                .hasMessageContaining("auth.mode");
    }

    @Test
    void anAddressThatOthersReachIsListenedOnWhereUsersLogIn() {
        try (var server = new TestingServer(folder, Map.of("server.host", "0.0.0.0", "auth.mode", "accounts"))) {
            assertThat(server.get("/health").status()).isEqualTo(200);
            server.get("/api/v1/jobs").problem(401, "unauthorized");
        }
    }

    // ---- Configuration

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "server.prot: 1|server.prot",
                "server.port: many|server.port",
                "upload.max-size: big|upload.max-size",
                "server.idle-timeout: soon|server.idle-timeout",
                "storages.local.durability: forever|durability"
            })
    void aWrongSettingIsNamedWithItsFile(String line, String key) throws IOException {
        String[] steps = line.split("[.:]", 0);
        var yaml = new StringBuilder();
        for (int i = 0; i < steps.length - 1; i++) {
            yaml.append("  ".repeat(i)).append(steps[i].strip()).append(':');
            yaml.append(i == steps.length - 2 ? " " + steps[steps.length - 1].strip() : "")
                    .append('\n');
        }
        Path file = Files.writeString(folder.resolve("sluice.yaml"), yaml);
        assertThatThrownBy(() -> Configuration.load(folder, null, Map.of(), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFileThatIsNoYamlIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("sluice.yaml"), "server: [unclosed");
        assertThatThrownBy(() -> Configuration.load(folder, null, Map.of(), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> Configuration.load(folder, folder.resolve("missing.yaml"), Map.of(), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("missing.yaml");
    }

    @Test
    void flagsGoBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        Files.writeString(folder.resolve("sluice.yaml"), "server:\n  port: 1\n  host: ::1\nstorage: local\n");
        var settings = Configuration.load(
                        folder,
                        null,
                        Map.of("server.port", "3"),
                        Map.of("SLUICE_SERVER_PORT", "2", "SLUICE_UPLOAD_MAX_FILES", "7"))
                .settings();
        assertThat(settings.server().port()).isEqualTo(3);
        assertThat(settings.server().host()).isEqualTo("::1");
        assertThat(settings.upload().maxFiles()).isEqualTo(7);
    }

    /// Folders within a folder.
    private static final class Folders {
        static Path make(Path parent, String name) {
            try {
                return Files.createDirectory(parent.resolve(name));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
