package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.app.Configuration;
import dev.sluice.app.ConfigurationException;
import dev.sluice.server.TestingServer.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whom a request comes from is what a trusted proxy says, and nobody else; and what every answer tells browsers.
@Timeout(60)
class ProxiesTest {
    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer proxied;

    @SuppressWarnings("NullAway.Init")
    static TestingServer standard;

    @SuppressWarnings("NullAway.Init")
    static TestingServer direct;

    @BeforeAll
    static void start() {
        var settings = Map.of(
                "server.trusted-proxies", "127.0.0.0/8,10.0.0.0/8",
                "server.hosts", "files.example.org");
        proxied = new TestingServer(folder.resolve("proxied"), settings);
        var other = new java.util.HashMap<>(settings);
        other.put("server.proxy-headers", "forwarded");
        standard = new TestingServer(folder.resolve("standard"), other);
        direct = new TestingServer(folder.resolve("direct"), Map.of("server.hosts", "files.example.org"));
    }

    @AfterAll
    static void stop() {
        proxied.close();
        standard.close();
        direct.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.7 | 203.0.113.7",
                "203.0.113.7:4711 | 203.0.113.7",
                "[2001:db8::7]:4711 | [2001:db8:0:0:0:0:0:7]",
                "2001:db8::7 | [2001:db8:0:0:0:0:0:7]",
                // What stands before the first that is no proxy of ours its sender may have made up.
                "198.51.100.1, 203.0.113.7 | 203.0.113.7",
                "198.51.100.1, 203.0.113.7, 10.1.2.3 | 203.0.113.7",
                "127.0.0.1, 203.0.113.7 | 203.0.113.7",
                "unknown | 127.0.0.1",
                "localhost | 127.0.0.1",
                "203.0.113.7, evil | 127.0.0.1",
                "999.1.1.1 | 127.0.0.1",
                "10.1.2.3 | 10.1.2.3"
            })
    void theClientIsTheFirstThatIsNoProxyOfOurs(String said, String client) throws Exception {
        assertThat(from(proxied, "X-Forwarded-For", said)).isEqualTo(client);
        assertThat(from(direct, "X-Forwarded-For", said)).isEqualTo("127.0.0.1");
        assertThat(from(standard, "X-Forwarded-For", said)).isEqualTo("127.0.0.1");
        assertThat(from(proxied, "Forwarded", "for=" + said)).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "for=203.0.113.7;proto=https | 203.0.113.7",
                "For=\"[2001:db8::7]:4711\" | [2001:db8:0:0:0:0:0:7]",
                "for=198.51.100.1, proto=http;for=203.0.113.7, for=10.0.0.1 | 203.0.113.7",
                "for=_hidden | 127.0.0.1",
                "by=203.0.113.7 | 127.0.0.1"
            })
    void theStandardHeaderIsReadWhereItIsAskedFor(String said, String client) throws Exception {
        assertThat(from(standard, "Forwarded", said)).isEqualTo(client);
    }

    /// As the log has it, which is that of the server that was started last.
    private static String from(TestingServer server, String header, String said) throws Exception {
        Path log = direct.folder.resolve("logs/access.jsonl");
        long before = Files.exists(log) ? Files.size(log) : 0;
        assertThat(server.get("/health/live", header, said).status()).isEqualTo(200);
        org.awaitility.Awaitility.await().until(() -> Files.exists(log) && Files.size(log) > before);
        List<String> lines = Files.readAllLines(log);
        return TestingServer.JSON.readTree(lines.getLast()).path("from").asText();
    }

    @Test
    void theSchemeIsWhatATrustedProxySays() {
        String secured = said(proxied, "files.example.org", "X-Forwarded-Proto: https");
        assertThat(secured).contains("Strict-Transport-Security: max-age=31536000");
        assertThat(said(direct, "files.example.org", "X-Forwarded-Proto: https"))
                .doesNotContain("Strict-Transport");
        assertThat(said(proxied, "localhost", "X-Forwarded-Proto: https")).doesNotContain("Strict-Transport");
        String origin = "Origin: https://files.example.org\r\nX-Forwarded-Proto: https";
        assertThat(said(proxied, "files.example.org", origin)).startsWith("HTTP/1.1 200 ");
        assertThat(said(direct, "files.example.org", origin)).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void aHostThatIsForwardedIsNotBelieved() {
        assertThat(said(proxied, "evil.example.org", "X-Forwarded-Host: localhost"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(said(proxied, "localhost", "X-Forwarded-Host: evil.example.org"))
                .startsWith("HTTP/1.1 200 ");
    }

    private static String said(TestingServer server, String host, String more) {
        return server.exchange(
                "GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\nConnection: close\r\n\r\n");
    }

    @Test
    void everyAnswerTellsBrowsersWhatTheyMayDo() {
        for (String path : List.of(
                "/health",
                "/api/v1/jobs",
                "/api/v1/jobs/none",
                "/nowhere",
                "/files/none",
                "/api/v1/download/stream/x",
                "/openapi.json",
                "/docs",
                "/docs/start.js",
                "/")) {
            Answer answer = direct.get(path);
            assertThat(answer.header("x-content-type-options")).as(path).isEqualTo("nosniff");
            assertThat(answer.header("x-frame-options")).as(path).isEqualTo("DENY");
            assertThat(answer.header("referrer-policy")).as(path).isEqualTo("no-referrer");
            assertThat(answer.header("content-security-policy"))
                    .as(path)
                    .startsWith("default-src 'none'; ")
                    .contains("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'");
            assertThat(answer.header("vary")).as(path).contains("Origin");
            assertThat(answer.header("server")).as(path).isEmpty();
        }
        assertThat(direct.get("/docs").header("content-security-policy")).contains("script-src 'self';");
        assertThat(direct.get("/api/v1/jobs").header("content-security-policy")).doesNotContain("script-src");
        assertThat(direct.exchange("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("X-Content-Type-Options: nosniff", "Content-Security-Policy: ");
    }

    @Test
    void settingsThatSayNothingOfSenseAreNamed() {
        refused("server.trusted-proxies", "proxy.example.org");
        refused("server.trusted-proxies", "10.0.0.300");
        refused("server.proxy-headers", "x-real-ip");
        refused("limits.exempt", "everybody");
    }

    private static void refused(String key, String value) {
        var settings =
                Configuration.load(folder, null, Map.of(key, value), Map.of()).settings();
        assertThat(catchThrowable(() -> {
                    TrustedProxies.networks("limits.exempt", settings.limits().exempt());
                    new TrustedProxies(settings.server());
                }))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key);
    }
}
