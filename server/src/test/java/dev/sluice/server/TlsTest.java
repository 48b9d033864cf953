package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The server under TLS, by HTTP/1.1 and HTTP/2: files, sockets, events, cancels, and certificates that change.
@Timeout(120)
class TlsTest {
    private static final int SIZE = 3 << 20;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingCertificate first;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @BeforeAll
    static void start() {
        first = TestingCertificate.make(folder.resolve("tls"), "EC");
        server = new TestingServer(folder, first.settings());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpClient client(Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(TestingCertificate.trusting(first))
                .build();
    }

    private static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(server.uri.resolve(path)).timeout(Duration.ofSeconds(30));
    }

    private static HttpRequest post(String path, String json) {
        return to(path).header("Content-Type", "application/json")
                .POST(json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build();
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return TestingServer.JSON.readTree(answer.body());
    }

    private static JsonNode announce(HttpClient http, String name, long size) throws IOException, InterruptedException {
        HttpRequest request = post("/api/v1/upload/initiate", TestingServer.initiation(name, size));
        return json(http.send(request, BodyHandlers.ofByteArray()));
    }

    private static String state(HttpClient http, String id) throws IOException, InterruptedException {
        return json(http.send(to("/api/v1/jobs/" + id).build(), BodyHandlers.ofByteArray()))
                .path("state")
                .asText();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    void filesComeAndGo(Version version) throws Exception {
        byte[] content = TestingServer.bytes(SIZE);
        try (HttpClient http = client(version)) {
            String id = announce(http, version + ".bin", SIZE).path("file_id").asText();
            HttpRequest put = to("/api/v1/upload/" + id)
                    .PUT(BodyPublishers.ofByteArray(content))
                    .build();
            HttpResponse<byte[]> stored = http.send(put, BodyHandlers.ofByteArray());
            assertThat(json(stored).path("status").asText()).isEqualTo("completed");
            assertThat(stored.version()).isEqualTo(version);
            HttpResponse<byte[]> back =
                    http.send(to("/api/v1/download/stream/" + id).build(), BodyHandlers.ofByteArray());
            assertThat(back.body()).isEqualTo(content);
        }
    }

    @Test
    void curlSpeaksHttp2() throws Exception {
        byte[] content = TestingServer.bytes(SIZE);
        Path file = Files.write(folder.resolve("curl.bin"), content);
        String said = curl(
                "--http2",
                "-w",
                "%{http_version} %{http_code}",
                "-o",
                folder.resolve("answer").toString(),
                "--data-binary",
                "@" + file,
                "-H",
                "Content-Type: application/octet-stream",
                server.uri + "/api/v1/upload?filename=curl.bin");
        assertThat(said).isEqualTo("2 201");
        JsonNode stored = TestingServer.JSON.readTree(folder.resolve("answer").toFile());
        Path back = folder.resolve("back.bin");
        curl(
                "--http2",
                "-o",
                back.toString(),
                server.uri + "/api/v1/download/stream/" + stored.path("file_id").asText());
        assertThat(back).hasBinaryContent(content);
    }

    private static String curl(String... arguments) throws Exception {
        var command = new java.util.ArrayList<String>();
        command.addAll(java.util.List.of(
                "curl", "-sS", "--cacert", first.certificateFile().toString()));
        command.addAll(java.util.List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void socketsAreOpenedUnderTls() throws Exception {
        byte[] content = TestingServer.bytes(SIZE);
        try (HttpClient http = client(Version.HTTP_2)) {
            String id = announce(http, "socket.bin", SIZE).path("file_id").asText();
            SocketFactory sockets = TestingCertificate.trusting(first).getSocketFactory();
            try (var watching = new TestingSocket(sockets, server.uri, "/ws/jobs");
                    var socket = new TestingSocket(sockets, server.uri, "/ws/upload/" + id)) {
                assertThat(watching.status).isEqualTo(101);
                assertThat(watching.text()).contains("\"snapshot\"");
                socket.send(content);
                assertThat(socket.end().code()).isEqualTo(1000);
            }
            assertThat(state(http, id)).isEqualTo("completed");
        }
    }

    /// TLS 1.0 and 1.1, which no client of Java's speaks any more.
    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(bytes = {1, 2})
    void olderVersionsAreRefused(byte minor) throws IOException {
        byte[] head = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, minor};
        byte[] suites = {0, 0, 2, 0, 0x2f, 1, 0};
        byte[] random = TestingServer.bytes(32);
        try (var socket = new Socket(server.uri.getHost(), server.uri.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(head.length + random.length + suites.length)
                            .put(head)
                            .put(random)
                            .put(suites)
                            .array());
            byte[] alert = socket.getInputStream().readNBytes(7);
            assertThat(alert).hasSize(7).startsWith(21);
            assertThat(alert).as("fatal: protocol_version").endsWith(2, 70);
        }
    }

    @Test
    void theCookieOfASessionIsForThisHostByTlsAlone() throws Exception {
        Path data = Files.createDirectory(folder.resolve("accounts"));
        try (var secured = new TestingServer(data, accounts());
                HttpClient http = client(Version.HTTP_1_1)) {
            String link = secured.server.setupLink().orElseThrow();
            HttpResponse<String> made = http.send(
                    HttpRequest.newBuilder(secured.uri.resolve("/api/v1/auth/setup"))
                            .timeout(Duration.ofSeconds(30))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(BodyPublishers.ofString("username=anna&password=correct+horse+battery"
                                    + "&again=correct+horse+battery&token=" + link.substring(link.indexOf('=') + 1)))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
            List<String> cookies = made.headers().allValues("set-cookie");
            assertThat(cookies).hasSize(1);
            String word = TestingServer.JSON
                    .readTree(made.body())
                    .path("access_token")
                    .asText();
            assertThat(List.of(cookies.getFirst().split("; ", -1)))
                    .contains("__Host-sluice_session=" + word, "Path=/", "HttpOnly", "SameSite=Lax", "Secure")
                    .noneMatch(part -> part.startsWith("Domain"));
            assertThat(status(http, secured, "__Host-sluice_session=" + word)).isEqualTo(200);
            // A cookie of that name may have come by plain HTTP, from anybody.
            assertThat(status(http, secured, "sluice_session=" + word)).isEqualTo(401);
        }
    }

    private static Map<String, String> accounts() {
        var settings = new HashMap<>(first.settings());
        settings.put("auth.mode", "accounts");
        return settings;
    }

    private static int status(HttpClient http, TestingServer server, String cookie) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.uri.resolve("/api/v1/jobs"))
                .timeout(Duration.ofSeconds(30))
                .header("Cookie", cookie)
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }

    @Test
    void eventsComeByHttp2() throws Exception {
        try (HttpClient http = client(Version.HTTP_2)) {
            HttpResponse<InputStream> events = http.send(
                    to("/api/v1/events").header("Accept", "text/event-stream").build(), BodyHandlers.ofInputStream());
            assertThat(events.version()).isEqualTo(Version.HTTP_2);
            try (var lines =
                    new java.io.BufferedReader(new java.io.InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).startsWith("id: ");
                assertThat(lines.readLine()).contains("\"snapshot\"");
                String id = announce(http, "event.bin", 1).path("file_id").asText();
                String line = lines.readLine();
                while (line != null && !line.contains(id)) {
                    line = lines.readLine();
                }
                assertThat(line).contains("\"created\"");
            }
        }
    }

    @Test
    void aCancelCutsAnUploadByHttp2AndOnlyThat() throws Exception {
        try (HttpClient http = client(Version.HTTP_2)) {
            var endless = new Endless();
            String id = announce(http, "cut.bin", 1L << 30).path("file_id").asText();
            var put = http.sendAsync(
                    to("/api/v1/upload/" + id)
                            .PUT(BodyPublishers.ofInputStream(() -> endless))
                            .build(),
                    BodyHandlers.ofByteArray());
            await().until(() -> state(http, id).equals("running"));
            long asked = System.nanoTime();
            JsonNode cancelled =
                    json(http.send(post("/api/v1/jobs/" + id + "/cancel", ""), BodyHandlers.ofByteArray()));
            assertThat(cancelled.path("stopped").asBoolean()).isTrue();
            assertThat(cancelled.path("receipt").path("lastByteMillis").asDouble())
                    .isLessThan(200);
            assertThat(cut(put)).isIn("409", "reset");
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(2));
            assertThat(state(http, id)).isEqualTo("cancelled");
            server.nothingIsLeftOf(id);
        }
    }

    private static String cut(java.util.concurrent.CompletableFuture<HttpResponse<byte[]>> put) throws Exception {
        try {
            return String.valueOf(put.get(20, TimeUnit.SECONDS).statusCode());
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(IOException.class);
            return "reset";
        }
    }

    /// Bytes without end.
    private static final class Endless extends InputStream {
        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int from, int length) {
            return length;
        }
    }

    @Test
    void aStreamThatItsClientResetsLeavesTheUploadToBeResumed() throws Exception {
        byte[] content = TestingServer.bytes(SIZE);
        try (HttpClient sending = client(Version.HTTP_2);
                HttpClient http = client(Version.HTTP_2)) {
            String id = announce(http, "reset.bin", SIZE).path("file_id").asText();
            var half = new CountDownLatch(1);
            var held = new CountDownLatch(1);
            var put = sending.sendAsync(
                    to("/api/v1/upload/" + id)
                            .PUT(BodyPublishers.ofInputStream(() -> new HalfThenWait(content, half, held)))
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(half.await(20, TimeUnit.SECONDS)).isTrue();
            await().until(() -> state(http, id).equals("running"));
            put.cancel(true);
            held.countDown();
            await().untilAsserted(() -> assertThat(
                            json(http.send(to("/api/v1/jobs/" + id).build(), BodyHandlers.ofByteArray()))
                                    .path("waiting")
                                    .asText())
                    .isEqualTo("client"));
            int offset = json(http.send(to("/api/v1/upload/" + id).build(), BodyHandlers.ofByteArray()))
                    .path("offset")
                    .asInt();
            HttpRequest rest = to("/api/v1/upload/" + id)
                    .header("Content-Range", "bytes " + offset + "-" + (SIZE - 1) + "/" + SIZE)
                    .PUT(BodyPublishers.ofByteArray(content, offset, SIZE - offset))
                    .build();
            assertThat(json(http.send(rest, BodyHandlers.ofByteArray()))
                            .path("status")
                            .asText())
                    .isEqualTo("completed");
            HttpResponse<byte[]> back =
                    http.send(to("/api/v1/download/stream/" + id).build(), BodyHandlers.ofByteArray());
            assertThat(back.body()).isEqualTo(content);
        }
    }

    private static final class HalfThenWait extends InputStream {
        private final InputStream content;
        private final CountDownLatch half;
        private final CountDownLatch held;
        private int sent;

        HalfThenWait(byte[] content, CountDownLatch half, CountDownLatch held) {
            this.content = new ByteArrayInputStream(content);
            this.half = half;
            this.held = held;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (sent > SIZE / 2) {
                half.countDown();
                try {
                    held.await();
                } catch (InterruptedException e) {
                    throw new java.io.InterruptedIOException();
                }
            }
            int read = content.read(into, from, length);
            sent += read;
            return read;
        }
    }

    @Test
    void aChangedCertificateIsShownAndConnectionsStay() throws Exception {
        Path data = Files.createDirectory(folder.resolve("changing"));
        TestingCertificate old = TestingCertificate.make(data.resolve("tls"), "RSA");
        try (var changing = new TestingServer(data, old.settings());
                SSLSocket kept = connect(changing.uri, old)) {
            assertThat(ask(kept)).startsWith("HTTP/1.1 200 ");
            // What cannot be used is complained of, and changes nothing.
            Files.writeString(old.certificateFile(), "-----BEGIN CERTIFICATE-----\nhalf\n");
            await().during(Duration.ofMillis(1_500))
                    .untilAsserted(() -> assertThat(shown(changing.uri, old)).isEqualTo(old.certificate()));
            TestingCertificate renewed = TestingCertificate.make(data.resolve("tls"), "EC");
            await().ignoreExceptions()
                    .untilAsserted(
                            () -> assertThat(shown(changing.uri, old, renewed)).isEqualTo(renewed.certificate()));
            assertThat(ask(kept)).startsWith("HTTP/1.1 200 ");
        }
    }

    private static X509Certificate shown(URI server, TestingCertificate... known) throws IOException {
        try (SSLSocket socket = connect(server, known)) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static SSLSocket connect(URI server, TestingCertificate... known) throws IOException {
        SSLContext context = TestingCertificate.trusting(known);
        var socket = (SSLSocket) context.getSocketFactory().createSocket(server.getHost(), server.getPort());
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    private static String ask(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        var answer = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (!answer.toString().endsWith("{\"status\":\"up\"}")) {
            int next = in.read();
            assertThat(next).as(answer.toString()).isNotNegative();
            answer.append((char) next);
        }
        return answer.toString();
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void keysOfEveryUsualFormAreRead(String algorithm) throws Exception {
        Path files = folder.resolve("forms-" + algorithm);
        TestingCertificate made = TestingCertificate.make(files, algorithm);
        assertThat(PemIdentity.read(made.certificateFile(), made.keyFile()).until())
                .isEqualTo(made.certificate().getNotAfter().toInstant());
        if (!algorithm.equals("Ed25519")) {
            var info = org.bouncycastle.asn1.pkcs.PrivateKeyInfo.getInstance(
                    made.key().getEncoded());
            byte[] inner = info.parsePrivateKey().toASN1Primitive().getEncoded();
            if (algorithm.equals("EC")) {
                var key = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(inner);
                inner = new org.bouncycastle.asn1.sec.ECPrivateKey(
                                384,
                                key.getKey(),
                                null,
                                info.getPrivateKeyAlgorithm().getParameters())
                        .getEncoded();
            }
            Files.writeString(made.keyFile(), TestingCertificate.pem(algorithm + " PRIVATE KEY", inner));
            assertThat(PemIdentity.read(made.certificateFile(), made.keyFile()).until())
                    .isEqualTo(made.certificate().getNotAfter().toInstant());
        }
    }

    @Test
    void filesThatDoNotHoldWhatTheyShouldAreNamed() throws Exception {
        TestingCertificate made = TestingCertificate.make(folder.resolve("wrong"), "EC");
        TestingCertificate other = TestingCertificate.make(folder.resolve("other"), "EC");
        Path text = Files.writeString(folder.resolve("wrong/text.pem"), "hello");
        refused(made.certificateFile(), other.keyFile(), "does not belong to");
        refused(folder.resolve("none.pem"), made.keyFile(), "server.tls.certificate: there is no file");
        refused(made.certificateFile(), folder.resolve("none.pem"), "server.tls.key: there is no file");
        refused(made.certificateFile(), text, "server.tls.key: there is no private key");
        refused(text, made.keyFile(), "server.tls.certificate: ");
        Path locked = Files.writeString(
                folder.resolve("wrong/locked.pem"), TestingCertificate.pem("ENCRYPTED PRIVATE KEY", new byte[40]));
        refused(made.certificateFile(), locked, "is locked with a password");
        Path broken = Files.writeString(
                folder.resolve("wrong/broken.pem"), TestingCertificate.pem("RSA PRIVATE KEY", new byte[40]));
        refused(made.certificateFile(), broken, "holds no EC key");
    }

    private static void refused(Path certificate, Path key, String why) {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> PemIdentity.read(certificate, key)))
                .isInstanceOf(dev.sluice.app.ConfigurationException.class)
                .hasMessageContaining(why);
    }
}
