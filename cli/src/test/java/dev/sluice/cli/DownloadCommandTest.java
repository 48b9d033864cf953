package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.server.SluiceServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `sluice download` against a server, and that against one that has files.
@NullMarked
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class DownloadCommandTest {
    private static final byte[] CONTENT = new byte[300_000];

    @TempDir
    Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CountDownLatch released = new CountDownLatch(1);
    private HttpServer source;
    private DataFolder folder;
    private SluiceServer server;

    @BeforeEach
    void start() throws IOException {
        source = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        source.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        source.createContext("/", this::answer);
        source.start();
        folder = DataFolder.open(data);
        server = SluiceServer.start(
                folder,
                Configuration.load(
                                data,
                                null,
                                Map.of(
                                        "server.port", "0",
                                        "operations.port", "0",
                                        "storages.local.reserve", "0",
                                        "download.concurrent", "1",
                                        "download.allow-networks", "127.0.0.0/8"),
                                Map.of())
                        .settings());
    }

    /// `/held/…` sends half and waits, `/missing` is not there, all else is.
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            if (path.equals("/missing")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.sendResponseHeaders(200, CONTENT.length);
            var half = path.startsWith("/held/") ? CONTENT.length / 2 : CONTENT.length;
            exchange.getResponseBody().write(CONTENT, 0, half);
            exchange.getResponseBody().flush();
            if (half < CONTENT.length) {
                released.await();
            }
            exchange.getResponseBody().write(CONTENT, half, CONTENT.length - half);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.close();
        folder.close();
        source.stop(0);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + source.getAddress().getPort() + path;
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--data", data.toString()));
        return Main.run(all.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
    }

    @Test
    void whatAJobWarnsOfIsTold() {
        assertThat(run("download", url("/film.mp4"), "--max-duration", "60")).isZero();
        assertThat(out.toString()).contains("downloaded film.mp4");
        assertThat(err.toString()).contains("film.mp4: this is no live stream: all of it is fetched");
        assertThat(run("download", url("/film.mp4"), "--json", "--max-duration", "60"))
                .isZero();
        assertThat(lines())
                .anySatisfy(line -> assertThat(line.path("message").asText()).contains("this is no live stream"));
    }

    private List<JsonNode> lines() {
        return out.toString().lines().map(Json::parse).toList();
    }

    @Test
    void aFileArrivesWhole() throws IOException {
        assertThat(run("download", url("/film.mp4"), "--to", "local", "--name", "The Film.mp4"))
                .as(out + " " + err)
                .isEqualTo(Exit.DONE);
        assertThat(Files.readAllBytes(data.resolve("files/The Film.mp4"))).isEqualTo(CONTENT);
        assertThat(out.toString()).contains("downloaded The Film.mp4  293.0 KiB");
        var link = out.toString().lines().toList().getLast().strip();
        assertThat(link).startsWith("http://").contains("/The%20Film.mp4?expires=");
        try (var bytes = URI.create(link).toURL().openStream()) {
            assertThat(bytes.readAllBytes()).isEqualTo(CONTENT);
        }
    }

    @Test
    void jsonIsOneDocumentALineAndTheLastIsTheReport() {
        assertThat(run("download", url("/film.mp4"), "--json")).isEqualTo(Exit.DONE);
        var lines = lines();
        assertThat(lines.getFirst().path("status").asText()).isEqualTo("queued");
        var id = lines.getFirst().path("jobId").asText();
        assertThat(lines.subList(1, lines.size() - 1))
                .isNotEmpty()
                .allSatisfy(job -> assertThat(job.path("id").asText()).isEqualTo(id));
        assertThat(lines.get(lines.size() - 2).path("state").asText()).isEqualTo("completed");
        assertThat(lines.getLast().path("success").asBoolean()).isTrue();
        assertThat(lines.getLast().path("jobs")).hasSize(1);
        assertThat(lines.getLast().path("jobs").path(0).path("downloadUrl").asText())
                .contains(id);
    }

    @Test
    void severalUrlsAreOneBatchAndOneThatFailsFailsIt() {
        assertThat(run("download", url("/a.bin"), url("/missing"), url("/c.bin"), "--json"))
                .isEqualTo(Exit.FAILED);
        var lines = lines();
        assertThat(lines.getFirst().path("jobs")).hasSize(3);
        var report = lines.getLast();
        assertThat(report.path("success").asBoolean(true)).isFalse();
        assertThat(report.path("batch_id")).isEqualTo(lines.getFirst().path("batch"));
        assertThat(report.path("jobs").findValuesAsText("state")).containsExactly("completed", "failed", "completed");
        assertThat(report.path("code").asText()).isNotEqualTo("internal").isNotEmpty();
    }

    @Test
    void whatTheServerRefusesIsARefusal() {
        assertThat(run("download", "http://10.0.0.1/secret")).isEqualTo(Exit.REFUSED);
        assertThat(err.toString()).contains("download.allow-networks");
        assertThat(run("download", url("/a"), "--to", "moon", "--json")).isEqualTo(Exit.REFUSED);
        assertThat(lines().getLast().path("code").asText()).isEqualTo("invalid_request");
    }

    @Test
    void whatIsWantedIsSentAsItStandsAndNothingElse() throws IOException {
        try (var recorder = new TestingServer()) {
            sends(recorder, Json.object());
            sends(recorder, Json.object().put("quality", "720p"), "--quality", "720p");
            sends(recorder, Json.object().put("quality", "audio"), "--audio");
            sends(
                    recorder,
                    Json.object().put("quality", "audio").put("format", "mp3"),
                    "--audio",
                    "--quality=audio",
                    "--format",
                    "mp3");
            sends(recorder, Json.object().put("format", "mkv"), "--format", "mkv");
            sends(recorder, Json.object().put("subtitles", true), "--subtitles");
            sends(recorder, Json.object().put("maxDuration", 90), "--max-duration", "90");
            sends(recorder, Json.object().put("playlist", true), "--playlist");
            sends(
                    recorder,
                    Json.object().put("notBefore", "2026-11-21T22:00:00Z"),
                    "--not-before",
                    "2026-11-21T22:00:00Z");
            sends(recorder, Json.object().put("checksum", "sha256:9f86"), "--checksum", "sha256:9f86");
            sends(
                    recorder,
                    Json.object().put("storageProvider", "archive").put("name", "The Film.mp4"),
                    "--to",
                    "archive",
                    "--name",
                    "The Film.mp4");
            assertThat(run("download", "http://a/1", "http://a/2", "--audio", "--no-wait", "--server", recorder.url()))
                    .isEqualTo(Exit.DONE);
            assertThat(recorder.downloads.getLast())
                    .hasToString("{\"urls\":[\"http://a/1\",\"http://a/2\"],\"quality\":\"audio\"}");
        }
    }

    private void sends(TestingServer recorder, ObjectNode wanted, String... options) {
        var words = new ArrayList<>(List.of("download", "http://a/film", "--no-wait", "--server", recorder.url()));
        words.addAll(List.of(options));
        assertThat(run(words.toArray(String[]::new))).as(out + " " + err).isEqualTo(Exit.DONE);
        assertThat(recorder.downloads.getLast()).isEqualTo(wanted.put("url", "http://a/film"));
    }

    @Test
    void whatDoesNotGoTogetherIsUsage() {
        assertThat(run("download")).isEqualTo(Exit.USAGE);
        assertThat(run("download", url("/a"), url("/b"), "--name", "c")).isEqualTo(Exit.USAGE);
        assertThat(run("download", url("/a"), url("/b"), "--playlist")).isEqualTo(Exit.USAGE);
        assertThat(run("download", url("/a"), "--audio", "--quality", "720p")).isEqualTo(Exit.USAGE);
    }

    @Test
    void withoutAServerThereIsNobodyToFetch() {
        assertThat(run("download", url("/a"), "--server", "http://127.0.0.1:1")).isEqualTo(Exit.UNREACHABLE);
    }

    @Test
    void aWaitingJobIsMovedInItsQueue() {
        var id = begun("/held/a");
        var second = begun("/b");
        var third = begun("/c");
        assertThat(position(third)).isEqualTo(2);
        assertThat(run("jobs", "move", third, "1")).isEqualTo(Exit.DONE);
        assertThat(position(third)).isEqualTo(1);
        assertThat(position(second)).isEqualTo(2);
        assertThat(run("jobs", "move", "nothing", "1")).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("jobs", "move", id, "0")).isEqualTo(Exit.USAGE);
        assertThat(run("cancel", id)).isEqualTo(Exit.DONE);
        assertThat(run("jobs", "move", id, "1")).isEqualTo(Exit.REFUSED);
        assertThat(run("jobs", id)).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("download");
    }

    private String begun(String path) {
        assertThat(run("download", url(path), "--no-wait", "--json")).isEqualTo(Exit.DONE);
        return lines().getFirst().path("jobId").asText();
    }

    private int position(String id) {
        assertThat(run("jobs", id, "--json")).isEqualTo(Exit.DONE);
        return lines().getFirst().path("position").asInt();
    }

    @Test
    void ctrlCCancels() throws Exception {
        try (var command = CommandProcess.start(data, "download", url("/held/film.mp4"), "--json")) {
            var id = Json.parse(command.first()).path("jobId").asText();
            while (!Json.parse(String.valueOf(command.line()))
                    .path("state")
                    .asText()
                    .equals("running")) {
                // Until it runs.
            }
            command.interrupt();
            assertThat(command.exit()).isEqualTo(Exit.CANCELLED);
            assertThat(run("jobs", id, "--json")).isEqualTo(Exit.DONE);
            assertThat(lines().getFirst().path("state").asText())
                    .as(String.valueOf(command.lines()))
                    .isEqualTo("cancelled");
        }
    }

    @Test
    void aCancelByAnotherEndsTheCommandAsOneOfItsOwn() throws Exception {
        try (var command = CommandProcess.start(data, "download", url("/held/a"), url("/held/b"), "--json")) {
            var batch = Json.parse(command.first()).path("batch").asText();
            assertThat(run("cancel", batch)).isEqualTo(Exit.DONE);
            assertThat(command.exit()).isEqualTo(Exit.CANCELLED);
            assertThat(Json.parse(command.lines().getLast()).path("code").asText())
                    .isEqualTo("cancelled");
        }
    }
}
