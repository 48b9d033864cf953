package dev.sluice.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.storage.common.StorageSharedKeyCredential;
import dev.sluice.testing.Call;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
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
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `sluice serve` as a process, with a container of Azure Blob storage to store in.
class AzureServerTest {
    private static final int MIB = 1 << 20;

    private final TestingAzurite service = TestingAzurite.shared();
    private final String container = service.newContainer();
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

    private void start() throws IOException {
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
        for (String setting : List.of(
                "storage=clips",
                "storages.clips.kind=azure",
                "storages.clips.container=" + container,
                "storages.clips.endpoint=" + proxy.endpoint(),
                "storages.clips.account=" + service.account(),
                "storages.clips.account-key=" + service.key())) {
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

    private HttpResponse<byte[]> get(String path) throws IOException {
        return send(HttpRequest.newBuilder(uri.resolve(path)));
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

    /// What somebody else does with the blob, past the server.
    private void write(String query, byte[] body, String... headers) throws Exception {
        URI blob = URI.create(service.endpoint() + "/" + container + "/clip.bin" + query);
        String date = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.RFC_1123_DATE_TIME);
        var signed = new HttpHeaders()
                .set(HttpHeaderName.CONTENT_LENGTH, Integer.toString(body.length))
                .set(HttpHeaderName.X_MS_DATE, date)
                .set(HttpHeaderName.fromString("x-ms-version"), "2021-12-02");
        var request = HttpRequest.newBuilder(blob)
                .header("x-ms-date", date)
                .header("x-ms-version", "2021-12-02")
                .PUT(BodyPublishers.ofByteArray(body));
        for (int i = 0; i < headers.length; i += 2) {
            signed.set(HttpHeaderName.fromString(headers[i]), headers[i + 1]);
            request.header(headers[i], headers[i + 1]);
        }
        var key = new StorageSharedKeyCredential(service.account(), service.key());
        HttpResponse<byte[]> done = send(
                request.header("Authorization", key.generateAuthorizationHeader(blob.toURL(), "PUT", signed, false)));
        assertThat(done.statusCode()).as(new String(done.body(), UTF_8)).isEqualTo(201);
    }

    @Test
    void whatWasAcknowledgedSurvivesSigkillAndTheFileComesBackWhole() throws Exception {
        byte[] bytes = bytes(30 * MIB + 5);
        start();
        URI upload = create(bytes.length);
        int at = 0;
        for (int cut : new int[] {1000, 9 * MIB + 3, 21 * MIB}) {
            assertThat(patch(upload, at, Arrays.copyOfRange(bytes, at, cut)).statusCode())
                    .isEqualTo(204);
            at = cut;
            kill();
            start();
            upload = uri.resolve(upload.getPath());
        }
        assertThat(patch(upload, at, Arrays.copyOfRange(bytes, at, bytes.length))
                        .statusCode())
                .isEqualTo(204);
        assertThat(get("/api/v1/download/stream/" + id(upload)).body()).isEqualTo(bytes);
        long sent = proxy.calls(Call.matching("PUT", "comp=block&")).stream()
                .mapToLong(Call::bodyBytes)
                .sum();
        assertThat(sent).isLessThan(bytes.length + 9L * MIB);
        await().untilAsserted(() -> assertThat(debts()).containsExactly("sluice_debts 0.0"));
        kill();
        assertThat(Files.readAllLines(data.resolve("classes.log")))
                .anyMatch(line -> line.contains("com.azure"))
                .noneMatch(line -> line.contains("software.amazon"));
    }

    @Test
    void whatACancelLeavesBesideSomebodyElsesBlobIsOwedUntilItIsGone() throws Exception {
        start();
        URI upload = create(30 * MIB);
        assertThat(patch(upload, 0, bytes(20 * MIB)).statusCode()).isEqualTo(204);
        write("", bytes(77), "x-ms-blob-type", "BlockBlob");
        HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(uri.resolve("/api/v1/jobs/" + id(upload) + "/cancel"))
                .POST(BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new String(answer.body(), UTF_8).replace(" ", "")).contains("\"cleanup\":\"owed\"");
        await().until(() -> Files.readString(data.resolve("server.log")).contains("cleanup=owed"));
        assertThat(debts()).containsExactly("sluice_debts 1.0");
        assertThat(proxy.calls(Call.matching("DELETE", "clip.bin"))).isEmpty();
        write("?comp=blocklist", "<?xml version=\"1.0\"?><BlockList></BlockList>".getBytes(UTF_8));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(debts()).containsExactly("sluice_debts 0.0"));
        assertThat(proxy.calls(Call.matching("DELETE", "clip.bin"))).isEmpty();
    }
}
