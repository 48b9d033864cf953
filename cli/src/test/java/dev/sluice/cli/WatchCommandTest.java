package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.server.SluiceServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Watching, and looking at, a server as it is.
@NullMarked
@Timeout(60)
class WatchCommandTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    @SuppressWarnings("NullAway.Init")
    private DataFolder folder;

    @SuppressWarnings("NullAway.Init")
    private SluiceServer server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() {
        folder = DataFolder.open(data);
        var settings = Configuration.load(data, null, Map.of("server.port", "0"), Map.of())
                .settings();
        server = SluiceServer.start(folder, settings);
    }

    @AfterEach
    void stop() {
        server.close();
        folder.close();
    }

    @Test
    void aBatchOfMoreFilesThanAnAddressNamesIsFollowedToItsEnd() throws IOException {
        var foreign = initiate(1);
        var batch = initiate(600);
        var ended = watch(batch, "--json");
        await().atMost(SOON).until(() -> jobsOfSnapshots().size() == 600);
        cancel(batch);
        assertThat(ended).succeedsWithin(SOON).isEqualTo(Exit.CANCELLED);
        var cancelled = lines().stream()
                .filter(line -> line.path("event").asText().equals("cancelled"))
                .map(line -> line.path("job").asText());
        assertThat(cancelled).hasSize(600).doesNotHaveDuplicates();
        assertThat(out.toString()).doesNotContain(member(foreign));
    }

    @Test
    void aSmallBatchIsFollowedToItsEnd() throws IOException {
        var batch = initiate(3);
        var ended = watch(batch, "--json");
        await().atMost(SOON).until(() -> jobsOfSnapshots().size() == 3);
        cancel(batch);
        assertThat(ended).succeedsWithin(SOON).isEqualTo(Exit.CANCELLED);
    }

    @Test
    void aJobIsFollowedToItsEnd() throws IOException {
        var batch = initiate(2);
        var id = member(batch);
        var ended = watch(id);
        await().atMost(SOON).until(() -> out.toString().contains(id + "  pending"));
        cancel(id);
        assertThat(ended).succeedsWithin(SOON).isEqualTo(Exit.CANCELLED);
        assertThat(out.toString()).contains(id + "  cancelled");
    }

    @Test
    void aBatchThatHasEndedIsToldAtOnce() throws IOException {
        var batch = initiate(600);
        cancel(batch);
        assertThat(watch(batch)).succeedsWithin(SOON).isEqualTo(Exit.CANCELLED);
        assertThat(out.toString().lines()).hasSize(600);
    }

    @Test
    void whatIsNeitherJobNorBatchIsUnknown() {
        assertThat(watch("nothing", "--json")).succeedsWithin(SOON).isEqualTo(Exit.NOT_FOUND);
        assertThat(lines().getLast().path("code").asText()).isEqualTo("not_found");
    }

    @Test
    void aRefusedSocketIsARefusal() throws IOException {
        try (var refusing = new TestingServer()) {
            assertThat(run("watch", "--server", refusing.url(), "--json")).isEqualTo(Exit.REFUSED);
            var said = lines().getLast();
            assertThat(said.path("code").asText()).isEqualTo("forbidden");
            assertThat(said.path("message").asText()).isEqualTo("because of forbidden");
        }
    }

    @Test
    void doctorKnowsTheServerThatHasThePort() {
        var port = server.url().substring(server.url().lastIndexOf(':') + 1);
        assertThat(run("doctor", "--data", data.toString(), "--port", port)).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("taken by the server of this data folder");
    }

    @Test
    void doctorTellsAnotherFoldersServerFromThisOnes() {
        var port = server.url().substring(server.url().lastIndexOf(':') + 1);
        var other = data.resolve("other").toString();
        assertThat(run("doctor", "--data", other, "--port", port)).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("-     port " + port).contains("a Sluice of another data folder");
    }

    private String initiate(int files) throws IOException {
        var request = Json.object();
        var list = request.putArray("files");
        for (var i = 0; i < files; i++) {
            list.addObject().put("filename", i + ".bin").put("size", 10).put("content_type", "application/x-data");
        }
        var answer = new Server(data, null).postJson("/api/v1/batch/initiate", Map.of(), request);
        assertThat(answer.ok()).as(answer.text()).isTrue();
        return answer.json().path("batch_id").asText();
    }

    private String member(String batch) throws IOException {
        return new Server(data, null)
                .get("/api/v1/batches/" + batch)
                .json()
                .at("/file_ids/0")
                .asText();
    }

    private void cancel(String id) throws IOException {
        assertThat(new Server(data, null)
                        .post("/api/v1/cli/cancel/" + id, "application/json")
                        .ok())
                .isTrue();
    }

    private CompletableFuture<Integer> watch(String id, String... more) {
        var all = new String[4 + more.length];
        List.of("watch", id, "--data", data.toString()).toArray(all);
        System.arraycopy(more, 0, all, 4, more.length);
        return CompletableFuture.supplyAsync(
                () -> run(all), task -> Thread.ofVirtual().name("watch").start(task));
    }

    private int run(String... args) {
        return Main.run(args, new PrintWriter(out), new PrintWriter(err));
    }

    private List<JsonNode> lines() {
        return out.toString().lines().map(Json::parse).toList();
    }

    private List<String> jobsOfSnapshots() {
        return lines().stream()
                .filter(line -> line.path("type").asText().equals("snapshot"))
                .flatMap(line -> StreamSupport.stream(line.path("jobs").spliterator(), false))
                .map(job -> job.path("id").asText())
                .toList();
    }
}
