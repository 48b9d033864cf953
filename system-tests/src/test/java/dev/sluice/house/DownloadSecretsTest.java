package dev.sluice.house;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What lets in at a server (user and password of a URL, tokens in its query, in a redirect or in a list of pieces) is
/// told to no client, said in no log and lies in no file of the data folder once a download has ended, however it ends.
/// While yt-dlp works for it the URL lies in a file of its folder, which only this user may read.
@Timeout(180)
class DownloadSecretsTest {
    private static final String USER = "joe-of-the-house";
    private static final String PASSWORD = "hidden-word";
    private static final String TOKEN = "verysecret-token";
    private static final String REDIRECTED = "token-of-the-redirect";
    private static final String PIECE = "token-of-the-piece";
    private static final List<String> SECRETS = List.of(USER, PASSWORD, TOKEN, REDIRECTED, PIECE);

    @TempDir
    Path folder;

    private final StringWriter told = new StringWriter();
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private HttpServer source;
    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        source = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        source.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        source.createContext("/", this::answer);
        source.start();
        server = new ServerProcess(
                        folder, List.of("download.allow-networks=127.0.0.0/8", "operations.port=0", "log.level=debug"))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
        source.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestURI().toString());
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/moved" -> redirect(exchange, "/missing?signature=" + REDIRECTED);
                case "/moved-well" -> redirect(exchange, "/film.bin?signature=" + REDIRECTED);
                case "/round" -> redirect(exchange, "/round?signature=" + REDIRECTED);
                case "/away" -> redirect(exchange, "ftp://" + USER + ":" + REDIRECTED + "@127.0.0.1/");
                case "/film.bin" -> send(exchange, "application/octet-stream", "film");
                case "/page.html" ->
                    send(
                            exchange,
                            "text/html",
                            "<title>Talk</title><video src=\"/missing.mp4?key=" + PIECE + "\"></video>");
                case "/talk.m3u8" ->
                    send(
                            exchange,
                            "application/vnd.apple.mpegurl",
                            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/missing.ts?key=" + PIECE
                                    + "\n#EXT-X-ENDLIST\n");
                default -> exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        exchange.sendResponseHeaders(302, -1);
    }

    private static void send(HttpExchange exchange, String type, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length());
        exchange.getResponseBody().write(body.getBytes(UTF_8));
    }

    private String url(int port, String path) {
        return "http://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port + path + "?token=" + TOKEN;
    }

    @Test
    void whatLetsInAtAServerStandsNowhereOnceADownloadHasEnded() throws IOException {
        listen();
        for (String path : List.of("/missing", "/moved", "/round", "/away", "/page.html", "/talk.m3u8")) {
            ends(submit(url(source.getAddress().getPort(), path)), "failed");
        }
        ends(submit(url(1, "/nobody-is-there")), "failed");
        ends(submit(url(source.getAddress().getPort(), "/moved-well")), "completed");
        for (String wrong : List.of(
                "ftp://" + USER + ":" + PASSWORD + "@127.0.0.1/?token=" + TOKEN,
                "http://" + USER + ":" + PASSWORD + "@127.0.0.1:99999/?token=" + TOKEN,
                "http://" + USER + ":" + PASSWORD + "@bad host/?token=" + TOKEN)) {
            HttpResponse<byte[]> refused = post(wrong);
            assertThat(refused.statusCode()).isEqualTo(400);
            hear(refused);
        }
        assertThat(String.join(" ", asked))
                .as("they were sent where they belong")
                .contains(TOKEN, REDIRECTED, PIECE);
        await().untilAsserted(() -> assertThat(told.toString()).contains("data: ", "\"completed\"", "\"failed\""));
        requireNowhere();
    }

    private HttpResponse<byte[]> post(String url) throws IOException {
        return server.post("/api/v1/download", "{\"url\":\"" + url + "\"}");
    }

    private String submit(String url) throws IOException {
        HttpResponse<byte[]> answer = post(url);
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(202);
        hear(answer);
        return ServerProcess.json(answer).path("jobId").asText();
    }

    private void ends(String job, String state) throws IOException {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.job(job).path("state").asText())
                        .as(() -> server.log())
                        .isEqualTo(state));
        String path = "/api/v1/jobs/" + job;
        for (String from : List.of(
                path, path + "/history", path + "/events", "/api/v1/jobs", "/api/v1/download/" + job, "/metrics")) {
            HttpResponse<byte[]> answer = server.get(from);
            assertThat(answer.statusCode()).as(from).isEqualTo(200);
            hear(answer);
            hear(server.get(from, "Accept", "text/plain"));
        }
    }

    private void hear(HttpResponse<byte[]> answer) {
        told.append(answer.headers().map() + ServerProcess.text(answer) + '\n');
    }

    /// Listens to all events until the server ends.
    private void listen() {
        Thread.ofVirtual().name("events").start(() -> {
            try (var events = new BufferedReader(
                    new InputStreamReader(server.at("/api/v1/events").toURL().openStream(), UTF_8))) {
                events.lines().forEach(line -> told.append(line + '\n'));
            } catch (IOException | UncheckedIOException e) {
                // It has ended.
            }
        });
    }

    private void requireNowhere() throws IOException {
        requireNoneIn("what clients were told", told.toString());
        requireNoneIn("the log", server.log());
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertThat(all).anyMatch(file -> file.endsWith("state.db"));
            for (Path file : all) {
                requireNoneIn(file.toString(), Files.readString(file, ISO_8859_1));
            }
        }
    }

    private static void requireNoneIn(String where, String text) {
        for (String secret : SECRETS) {
            int at = text.indexOf(secret);
            assertThat(at)
                    .as(() -> secret + " stands in " + where + ": …"
                            + text.substring(Math.max(0, at - 200), Math.min(text.length(), at + 300)))
                    .isNegative();
        }
    }
}
