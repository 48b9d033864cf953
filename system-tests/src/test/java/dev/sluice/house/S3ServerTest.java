package dev.sluice.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingS3;
import dev.sluice.testing.TestingS3Proxy;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `sluice serve` as a process, with a bucket to store in.
class S3ServerTest {
    private static final int MIB = 1 << 20;

    private final TestingS3 service = TestingS3Proxy.shared();
    private final String bucket = service.newBucket();
    private final FaultyProxy proxy = FaultyProxy.before(service.endpoint());
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private @Nullable Process server;
    private URI uri = URI.create("http://127.0.0.1");

    @TempDir
    Path data;

    @AfterEach
    void end() throws InterruptedException {
        kill();
        proxy.close();
    }

    private void kill() throws InterruptedException {
        Process running = server;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    private void start(String... settings) throws IOException {
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
        for (String setting : settings) {
            command.add("--set");
            command.add(setting);
        }
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("server.log").toFile())
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

    private void startWithBucket() throws IOException {
        start(
                "storage=clips",
                "storages.clips.kind=s3",
                "storages.clips.bucket=" + bucket,
                "storages.clips.endpoint=" + proxy.endpoint(),
                "storages.clips.access-key=" + service.accessKey(),
                "storages.clips.secret-key=" + service.secretKey(),
                "storages.clips.path-style=true");
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

    @Test
    void whatWasAcknowledgedSurvivesSigkillAndTheFileComesBackWhole() throws Exception {
        byte[] bytes = bytes(30 * MIB + 5);
        startWithBucket();
        URI upload = create(bytes.length);
        int[] cuts = {1000, 9 * MIB + 3, 9 * MIB + 4, 21 * MIB};
        int at = 0;
        for (int cut : cuts) {
            assertThat(patch(upload, at, Arrays.copyOfRange(bytes, at, cut)).statusCode())
                    .isEqualTo(204);
            at = cut;
            kill();
            startWithBucket();
            upload = uri.resolve(upload.getPath());
            assertThat(offset(upload)).isEqualTo(at);
        }
        assertThat(patch(upload, at, Arrays.copyOfRange(bytes, at, bytes.length))
                        .statusCode())
                .isEqualTo(204);
        String file = "/api/v1/download/stream/" + id(upload);
        HttpResponse<byte[]> whole = get(file);
        assertThat(whole.statusCode())
                .as(new String(whole.body(), 0, Math.min(300, whole.body().length), UTF_8))
                .isEqualTo(200);
        assertThat(whole.body()).isEqualTo(bytes);
        assertThat(get(file, "Range", "bytes=1000000-9000000").body())
                .isEqualTo(Arrays.copyOfRange(bytes, 1_000_000, 9_000_001));
        long sent = proxy.calls(call -> call.method().equals("PUT")).stream()
                .mapToLong(call -> call.bodyBytes())
                .sum();
        assertThat(sent).isLessThan(bytes.length + 9L * MIB);
    }

    @Test
    void aCancelInTheMiddleOfAPartIsAnsweredAtOnceAndLeavesNothing() throws Exception {
        startWithBucket();
        URI upload = create(30 * MIB);
        proxy.next(Call.matching("PUT", "partNumber=2"), Fault.stallAt(2 * MIB));
        var sending = CompletableFuture.supplyAsync(() -> {
            try {
                return patch(upload, 0, bytes(30 * MIB)).statusCode();
            } catch (IOException e) {
                return -1;
            }
        });
        proxy.await(call -> call.target().contains("partNumber=2") && call.bodyBytes() > 0);
        Instant asked = Instant.now();
        HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(uri.resolve("/api/v1/jobs/" + id(upload) + "/cancel"))
                .POST(BodyPublishers.noBody()));
        Instant answered = Instant.now();
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        assertThat(sending.get()).isNotEqualTo(204);
        Call aborted = proxy.await(call -> call.method().equals("DELETE")
                && call.target().contains("uploadId=")
                && call.status().orElse(0) == 204);
        assertThat(aborted.firstByte()).isAfter(asked);
        assertThat(proxy.calls(call -> call.target().contains("partNumber=")))
                .allMatch(call -> call.firstByte().isBefore(answered));
        await().untilAsserted(() -> assertThat(new String(get("/metrics").body(), UTF_8)
                        .lines()
                        .filter(line -> line.startsWith("sluice_debts ")))
                .containsExactly("sluice_debts 0.0"));
    }

    @Test
    void whereNoBucketIsConfiguredNoLibraryOfItIsLoaded() throws Exception {
        start();
        URI upload = create(10);
        assertThat(patch(upload, 0, bytes(10)).statusCode()).isEqualTo(204);
        kill();
        assertThat(Files.readAllLines(data.resolve("classes.log")))
                .isNotEmpty()
                .noneMatch(line -> line.contains("software.amazon"))
                .noneMatch(line -> line.contains("com.azure"))
                .noneMatch(line -> line.contains("reactor."))
                .noneMatch(line -> line.contains("com.google.a") || line.contains("dev.sluice.google"))
                .noneMatch(line -> line.contains("org.bouncycastle"))
                .noneMatch(line -> line.contains("org.eclipse.jetty.client"));
    }
}
