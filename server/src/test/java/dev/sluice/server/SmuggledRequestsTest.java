package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that a proxy and a server could read in two ways, and paths that lead somewhere else than they seem to:
/// each is refused and its connection closed, so that nothing behind it is taken for a request.
@Timeout(60)
class SmuggledRequestsTest {
    private static final String SECOND = "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new TestingServer(folder, Map.of());
        Files.writeString(folder.resolve("files/secret.txt"), "nobody may read this");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: 5\r\nContent-Length: 5\r\n",
                "Content-Length: 5, 6\r\n",
                "Content-Length: +5\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: 0x5\r\n",
                "Content-Length: 99999999999999999999\r\n",
                "Content-Length : 5\r\n",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                "Transfer-Encoding : chunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding:\u000bchunked\r\n",
                "X-A: b\r\n continued: c\r\nContent-Length: 5\r\n",
                "X-A: b\0c\r\nContent-Length: 5\r\n",
                "X A: b\r\nContent-Length: 5\r\n",
                ": b\r\nContent-Length: 5\r\n",
                "Host: other\r\nContent-Length: 5\r\n"
            })
    void aBodyOfTwoLengthsIsRefusedAndEndsTheConnection(String headers) {
        String answer = server.exchange(
                "POST /api/v1/upload/initiate HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\nhello" + SECOND);
        assertThat(answer).matches("(?s)HTTP/1.1 (400|501) .*").doesNotContain("uptimeSeconds");
        assertThat(answer.split("HTTP/1.1 ", -1)).hasSize(2);
        assertThat(answer).contains("application/problem+json", "\"code\":\"invalid_request\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\nhello\r\n0\r\n\r\n",
                "-5\r\nhello\r\n0\r\n\r\n",
                "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
                "5\r\nhelloXX0\r\n\r\n"
            })
    void chunksThatCannotBeReadEndTheConnection(String body) {
        String answer = server.exchange("POST /api/v1/upload/initiate HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + body + SECOND);
        assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("uptimeSeconds");
        assertThat(server.get("/health").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/download/stream/..%2fsecret.txt",
                "/api/v1/download/stream/..%2F..%2Fstate.db",
                "/api/v1/download/stream/%2e%2e/secret.txt",
                "/api/v1/download/stream/%2e%2e%2fsecret.txt",
                "/api/v1/download/stream/..;/secret.txt",
                "/api/v1/download/stream/..%5csecret.txt",
                "/api/v1/download/stream/..%00",
                "/api/v1/download/stream/%252e%252e%252fsecret.txt",
                "/api/v1/download/stream/secret.txt",
                "/files/../state.db",
                "/files/..%2fsecret.txt",
                "/docs/..%2f..%2fstate.db",
                "/docs/../../../../etc/passwd",
                "/docs/%2e%2e/openapi.json%00.js",
                "/../../../../etc/passwd",
                "/d/..%2f..%2fsecret.txt/x",
                "/%c0%ae%c0%ae/secret.txt",
                "/api/v1/jobs/%zz",
                "//etc/passwd",
                "/api/v1/upload/a/../../../../etc/passwd"
            })
    void noPathLeadsOutOfTheApi(String path) {
        for (String method : new String[] {"GET", "HEAD", "PUT", "DELETE"}) {
            String answer = server.exchange(method + " " + path
                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            assertThat(answer)
                    .as(method)
                    .matches("(?s)HTTP/1.1 4\\d\\d .*")
                    .doesNotContain("nobody may read this", "root:", "SQLite format");
        }
        assertThat(folder.resolve("files/secret.txt")).exists();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health\0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost\0\r\nConnection: close\r\n\r\n",
                "GET\t/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/9.9\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/1.1\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET http://evil.example.org/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET http://evil.example.org/health HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n",
                "GET http://localhost/health HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n",
                "GET http://localhost@evil.example.org/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost@evil.example.org\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost, evil.example.org\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: evil.example.org#localhost\r\nConnection: close\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n",
                "TRACE /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nConnection: Upgrade, close\r\n\r\n",
                "\0\1\2\3\4\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n"
            })
    void requestsThatNoClientMeansGetNothing(String request) {
        String answer = server.exchange(request);
        if (request.contains("h2c")) {
            // An upgrade may be passed over: it is answered as if nobody had asked for it.
            assertThat(answer).startsWith("HTTP/1.1 200 ");
        } else {
            assertThat(answer).doesNotContain("\"status\":\"up\"").doesNotStartWith("HTTP/1.1 2");
        }
        assertThat(server.get("/health").status()).isEqualTo(200);
    }

    @Test
    void aNameThatLeadsHereByItselfIsRefused() {
        // DNS rebinding: the page's own name has come to mean 127.0.0.1, so the browser sends no foreign Origin.
        for (String path : new String[] {"/api/v1/jobs", "/api/v1/events", "/metrics", "/files"}) {
            String answer = server.exchange("GET " + path
                    + " HTTP/1.1\r\nHost: rebound.example.org:8080\r\nOrigin: http://rebound.example.org:8080\r\n"
                    + "Connection: close\r\n\r\n");
            assertThat(answer).as(path).startsWith("HTTP/1.1 403 ").doesNotContain("Access-Control-Allow-Origin");
        }
    }

    @Test
    void headersHaveASizeThatIsTold() {
        String longName = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(20_000) + "\r\n\r\n";
        assertThat(server.exchange(longName)).startsWith("HTTP/1.1 431 ").contains("application/problem+json");
        String longPath = "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assertThat(server.exchange(longPath)).startsWith("HTTP/1.1 414 ").contains("application/problem+json");
    }

    @Test
    void nothingIsEchoedThatAHeaderCouldCarryOn() throws IOException {
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write(String.join(
                                    "\r\n",
                                    "GET /api/v1/jobs/a%0d%0aSet-Cookie:%20x=y HTTP/1.1",
                                    "Host: localhost",
                                    "Connection: close",
                                    "",
                                    "")
                            .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(TestingServer.readAll(socket.getInputStream()))
                    .startsWith("HTTP/1.1 4")
                    .doesNotContain("\r\nSet-Cookie");
        }
    }
}
