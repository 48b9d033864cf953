package dev.sluice.house;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.fakes.Call;
import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGcs;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.fakes.Fault;
import dev.sluice.fakes.Step;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `sluice serve` as a process, with Google Cloud Storage and with Google Drive to store in.
class GoogleServerTest {
    private static final int MIB = 1 << 20;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private @Nullable FakeGoogle google;
    private @Nullable Process server;
    private URI uri = URI.create("http://127.0.0.1");

    @TempDir
    Path data;

    @AfterEach
    void end() throws InterruptedException {
        kill();
        FakeGoogle running = google;
        if (running != null) {
            running.close();
        }
    }

    private void kill() throws InterruptedException {
        Process running = server;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    private FakeGoogle fake(String kind) throws IOException {
        FakeGoogle started;
        if (kind.equals("gcs")) {
            FakeGcs gcs = FakeGcs.start();
            gcs.bucket("clips");
            started = gcs;
        } else {
            started = FakeDrive.start();
        }
        google = started;
        Files.createDirectories(data.resolve("data"));
        Files.writeString(
                data.resolve("data/google.json"),
                started.account("ann@example.com").serviceAccountKey());
        return started;
    }

    private void start(String kind, FakeGoogle google) throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-Xlog:class+load:file=" + data.resolve("classes.log"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.cli.Main",
                "serve",
                "--data",
                data.resolve("data").toString(),
                "--port",
                Integer.toString(port)));
        Stream<String> settings = Stream.concat(
                Stream.of(
                        "storage=clips",
                        "storages.clips.kind=" + kind,
                        "storages.clips.credentials=google.json",
                        "storages.clips.endpoint=" + google.url()),
                kind.equals("gcs")
                        ? Stream.of("storages.clips.bucket=clips")
                        : Stream.of("storages.clips.folder=Team/clips", "storages.clips.create-folder=true"));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        data.resolve("server.log").toFile()))
                .start();
        server = started;
        uri = URI.create("http://127.0.0.1:" + port);
        await().atMost(Duration.ofSeconds(40)).ignoreExceptions().until(() -> {
            assertThat(started.isAlive())
                    .as(Files.readString(data.resolve("server.log")))
                    .isTrue();
            return get("/health/ready").statusCode() == 200;
        });
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws IOException {
        var request = HttpRequest.newBuilder(uri.resolve(path));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private URI create(int size) throws IOException {
        HttpResponse<byte[]> made = send(HttpRequest.newBuilder(uri.resolve("/files/"))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", Integer.toString(size))
                .header("Upload-Metadata", "filename Y2xpcC5iaW4=")
                .POST(BodyPublishers.noBody()));
        assertThat(made.statusCode()).as(new String(made.body(), UTF_8)).isEqualTo(201);
        return uri.resolve(made.headers().firstValue("Location").orElseThrow());
    }

    private HttpResponse<byte[]> patch(URI upload, long offset, byte[] bytes) throws IOException {
        return send(HttpRequest.newBuilder(upload)
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Offset", Long.toString(offset))
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(bytes)));
    }

    private long offset(URI upload) throws IOException {
        HttpResponse<byte[]> head = send(HttpRequest.newBuilder(upload)
                .header("Tus-Resumable", "1.0.0")
                .method("HEAD", BodyPublishers.noBody()));
        return head.headers().firstValueAsLong("Upload-Offset").orElseThrow();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static String id(URI upload) {
        return upload.getPath().replaceAll(".*/", "");
    }

    private List<String> debts() throws IOException {
        return new String(get("/metrics").body(), UTF_8)
                .lines()
                .filter(line -> line.startsWith("sluice_debts "))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gcs", "gdrive"})
    void whatWasAcknowledgedSurvivesSigkillAndTheFileComesBackWhole(String kind) throws Exception {
        byte[] bytes = bytes(30 * MIB + 5);
        FakeGoogle google = fake(kind);
        start(kind, google);
        URI upload = create(bytes.length);
        int[] cuts = {1000, 9 * MIB + 3, 9 * MIB + 4, 21 * MIB};
        int at = 0;
        for (int cut : cuts) {
            assertThat(patch(upload, at, Arrays.copyOfRange(bytes, at, cut)).statusCode())
                    .isEqualTo(204);
            at = cut;
            kill();
            start(kind, google);
            upload = uri.resolve(upload.getPath());
            assertThat(offset(upload)).isEqualTo(at);
        }
        assertThat(patch(upload, at, Arrays.copyOfRange(bytes, at, bytes.length))
                        .statusCode())
                .isEqualTo(204);
        String file = "/api/v1/download/stream/" + id(upload);
        HttpResponse<byte[]> whole = get(file);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(bytes);
        assertThat(get(file, "Range", "bytes=1000000-9000000").body())
                .isEqualTo(Arrays.copyOfRange(bytes, 1_000_000, 9_000_001));
        long sent =
                google.calls().of(Step.CHUNK).stream().mapToLong(Call::received).sum();
        assertThat(sent).isLessThan(bytes.length + 9L * MIB);
        await().untilAsserted(() -> assertThat(debts()).containsExactly("sluice_debts 0.0"));
        assertThat(google.stored()).hasSize(1);
        assertThat(google.openSessions()).isEmpty();
        kill();
        assertThat(Files.readAllLines(data.resolve("classes.log")))
                .anyMatch(line -> line.contains("com.google.auth"))
                .noneMatch(line -> line.contains("software.amazon") || line.contains("com.azure"));
        sessionsAreNowhereInTheClear(google);
    }

    /// The address of a session is as good as a key.
    private void sessionsAreNowhereInTheClear(FakeGoogle google) throws IOException {
        List<String> secrets = google.calls().of(Step.CHUNK).stream()
                .map(call -> call.path().replaceAll(".*upload_id=", ""))
                .distinct()
                .toList();
        assertThat(secrets).isNotEmpty();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, ISO_8859_1);
                assertThat(secrets).as(file.toString()).noneMatch(text::contains);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gcs", "gdrive"})
    void aCancelInTheMiddleOfAChunkIsAnsweredAtOnceAndLeavesNothing(String kind) throws Exception {
        FakeGoogle google = fake(kind);
        start(kind, google);
        URI upload = create(30 * MIB);
        google.faults().after(1, Step.CHUNK, new Fault.Stall(2 * MIB));
        var sending = CompletableFuture.supplyAsync(() -> {
            try {
                return patch(upload, 0, bytes(30 * MIB)).statusCode();
            } catch (IOException e) {
                return -1;
            }
        });
        await().atMost(Duration.ofSeconds(20))
                .until(() -> google.calls().of(Step.CHUNK).stream().anyMatch(call -> call.received() == 2 * MIB));
        HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(uri.resolve("/api/v1/jobs/" + id(upload) + "/cancel"))
                .POST(BodyPublishers.noBody()));
        Instant answered = Instant.now();
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        assertThat(sending.get()).isNotEqualTo(204);
        google.faults().release();
        await().untilAsserted(() -> assertThat(google.openSessions()).isEmpty());
        assertThat(google.calls().of(Step.CANCEL)).isNotEmpty();
        assertThat(google.calls().of(Step.CHUNK)).allMatch(call -> call.at().isBefore(answered));
        await().untilAsserted(() -> assertThat(debts()).containsExactly("sluice_debts 0.0"));
        assertThat(google.stored()).isEmpty();
    }
}
