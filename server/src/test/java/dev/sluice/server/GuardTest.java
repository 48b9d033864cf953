package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.TestingServer.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which names the server answers to, and which pages may use it: by HTTP, WebSocket and Server-Sent Events.
@Timeout(60)
class GuardTest {
    private static final List<String> PATHS = List.of("/api/v1/jobs", "/api/v1/events", "/health", "/");

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @BeforeAll
    static void start() {
        server = new TestingServer(
                folder,
                Map.of(
                        "server.hosts", "files.example.org",
                        "cors.origins", "http://localhost:4200,https://*.app.example.com"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example.org", "evil.example.org:8080", "10.0.0.1", "localhost.evil.org", "127.0.0.1.nip.io"
            })
    void aForeignHostIsRefusedAtEveryDoor(String host) {
        for (String path : PATHS) {
            String answer = exchange(path, "Host: " + host);
            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 403 ")
                    .contains("\"code\":\"forbidden\"", "does not answer to the name");
        }
        for (String path : sockets()) {
            try (TestingSocket socket = server.socket(path, "Host", host)) {
                assertThat(socket.status).isEqualTo(403);
                assertThat(socket.body()).contains("\"code\":\"forbidden\"");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST:1234",
                "127.0.0.1",
                "127.1.2.3:80",
                "[::1]:8080",
                "a.localhost",
                "files.example.org",
                "Files.Example.org:443"
            })
    void loopbackNamesAndThoseThatAreConfiguredAreAnswered(String host) {
        assertThat(exchange("/health", "Host: " + host)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example.org",
                "null",
                "http://localhost:4201",
                "https://localhost:4200",
                "http://localhost:4200.evil.org",
                "https://app.example.com.evil.org",
                "https://evil.org/.app.example.com",
                "https://evil.org#.app.example.com",
                "file://",
                ""
            })
    void aForeignOriginIsRefusedAtEveryDoor(String origin) {
        for (String path : PATHS) {
            String answer = exchange(path, "Host: localhost", "Origin: " + origin);
            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 403 ")
                    .contains("\"code\":\"forbidden\"")
                    .doesNotContain("Access-Control-Allow-Origin");
        }
        for (String path : sockets()) {
            try (TestingSocket socket = server.socket(path, "Origin", origin)) {
                assertThat(socket.status).isEqualTo(403);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:4200", "https://a.app.example.com", "https://a.b.app.example.com"})
    void anAllowedOriginIsLetInAndToldSo(String origin) {
        String answer = exchange("/api/v1/jobs", "Host: localhost", "Origin: " + origin);
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(answer.toLowerCase(Locale.ROOT))
                .contains("access-control-allow-origin: " + origin, "vary: origin", "access-control-expose-headers: ");
        for (String path : sockets()) {
            try (TestingSocket socket = server.socket(path, "Origin", origin)) {
                assertThat(socket.status).isEqualTo(101);
            }
        }
    }

    @Test
    void ourOwnPagesAndThoseWithoutAnOriginAreLetIn() {
        String own = server.uri.toString();
        assertThat(exchange("/api/v1/jobs", "Host: " + server.uri.getAuthority(), "Origin: " + own))
                .startsWith("HTTP/1.1 200 ");
        assertThat(exchange("/api/v1/jobs", "Host: " + server.uri.getAuthority()))
                .startsWith("HTTP/1.1 200 ");
        for (String path : sockets()) {
            try (TestingSocket socket = server.socket(path, "Origin", own)) {
                assertThat(socket.status).isEqualTo(101);
            }
            try (TestingSocket socket = server.socket(path)) {
                assertThat(socket.status).isEqualTo(101);
            }
        }
    }

    @Test
    void aPreflightIsAnsweredForAllowedOriginsOnly() {
        String answer = preflight(
                "Origin: http://localhost:4200",
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: content-type, idempotency-key");
        assertThat(answer).startsWith("HTTP/1.1 204 ");
        assertThat(answer.toLowerCase(Locale.ROOT))
                .contains(
                        "access-control-allow-methods: get, head, post, put, patch, delete, options",
                        "access-control-allow-headers: content-type, idempotency-key",
                        "access-control-max-age: 600",
                        "access-control-allow-origin: http://localhost:4200");
        String refused = preflight("Origin: http://evil.org", "Access-Control-Request-Method: POST");
        assertThat(refused).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void everyAnswerForbidsSniffingAndFraming() {
        assertThat(exchange("/health", "Host: localhost").toLowerCase(Locale.ROOT))
                .contains("x-content-type-options: nosniff", "x-frame-options: deny", "referrer-policy: no-referrer")
                .doesNotContain("server: ");
    }

    private static List<String> sockets() {
        File file = server.announce("guard.bin", 10);
        return List.of("/ws/jobs", "/ws/upload/" + file.id(), file.socket());
    }

    private static String preflight(String... headers) {
        return sent("OPTIONS", "/api/v1/upload/initiate", "Host: localhost\r\n" + String.join("\r\n", headers));
    }

    private static String exchange(String path, String... headers) {
        return sent("GET", path, String.join("\r\n", headers));
    }

    private static String sent(String method, String path, String headers) {
        return server.exchange(method + " " + path + " HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n");
    }
}
