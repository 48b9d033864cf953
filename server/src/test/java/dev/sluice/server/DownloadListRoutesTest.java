package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Lists over HTTP, taken apart by yt-dlp.
@Timeout(120)
class DownloadListRoutesTest {
    private static final int ENTRIES = 5_000;

    @TempDir
    Path folder;

    private final TestingSource source = new TestingSource(TestingServer.bytes(300_000));
    private TestingServer server;

    @BeforeEach
    void start() {
        server = new TestingServer(folder, Map.of("download.allow-networks", "127.0.0.0/8"));
    }

    @AfterEach
    void stop() {
        server.close();
        source.close();
    }

    private String submitted(String path) {
        var body = TestingServer.JSON
                .createObjectNode()
                .put("url", source.url(path))
                .put("playlist", true);
        var answer = server.post("/api/v1/download", body.toString());
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json().path("jobId").asText();
    }

    private List<JsonNode> jobs(String batch) {
        var jobs = new ArrayList<JsonNode>();
        server.get("/api/v1/jobs?limit=200&batch=" + batch).ok().path("jobs").forEach(jobs::add);
        return jobs;
    }

    private int count(String batch) {
        return server.get("/api/v1/batches/" + batch).ok().path("file_ids").size();
    }

    @Test
    void eachEntryOfAListIsAJobOfItsBatch() {
        String list = submitted("/feed/3");
        server.becomes(list, "completed");
        String batch = server.job(list).path("batch").asText();
        assertThat(jobs(batch))
                .extracting(job -> job.path("name").asText())
                .contains("t1.mp4", "t2.mp4", "t3.mp4")
                .hasSize(4);
        source.letGo();
        await().untilAsserted(() -> assertThat(jobs(batch))
                .extracting(job -> job.path("state").asText())
                .containsOnly("completed"));
        assertThat(server.held()).containsExactly("t1.mp4", "t2.mp4", "t3.mp4");
        await().untilAsserted(() -> assertThat(server.get("/api/v1/batches/" + batch)
                        .ok()
                        .path("status")
                        .asText())
                .isEqualTo("completed"));
    }

    @Test
    void aListIsCancelledByItsOwnIdWithAllThatHasComeOfItAlsoOnceItIsWhole() {
        String list = submitted("/feed/3");
        server.becomes(list, "completed");
        JsonNode answer = server.post("/api/v1/download/cancel/" + list).ok();
        assertThat(answer.path("jobId").asText()).isEqualTo(list);
        String batch = server.job(list).path("batch").asText();
        assertThat(jobs(batch))
                .extracting(job -> job.path("state").asText())
                .containsExactlyInAnyOrder("completed", "cancelled", "cancelled", "cancelled");
        await().untilAsserted(() -> assertThat(server.held()).isEmpty());
        server.post("/api/v1/download/cancel/" + list).problem(400, "not_cancellable");
    }

    @Test
    void theBatchOfAListIsCancelledByItsRouteWhileItStillGrows() {
        String list = submitted("/feed/" + ENTRIES);
        String batch = server.job(list).path("batch").asText();
        await().atMost(Duration.ofSeconds(60)).until(() -> count(batch) > 20);
        JsonNode answer = server.post("/api/v1/batch/cancel/" + batch).ok();
        assertThat(answer.path("message").asText()).isEqualTo("Batch upload cancelled successfully");
        assertThat(server.state(list)).as("it had not come to its end").isEqualTo("cancelled");
        int told = answer.path("total_files_in_batch").asInt();
        await().untilAsserted(() -> assertThat(server.held()).isEmpty());
        await().untilAsserted(() ->
                assertThat(TestingServer.held(folder.resolve("downloads"))).isEmpty());
        int made = count(batch);
        assertThat(told).isBetween(20, ENTRIES);
        assertThat(made).as("one more may have been on its way").isBetween(told, told + 1);
        assertThat(jobs(batch))
                .hasSizeGreaterThan(20)
                .extracting(job -> job.path("state").asText())
                .containsOnly("cancelled");
        assertThat(server.get("/api/v1/batches/" + batch).ok().path("status").asText())
                .isEqualTo("cancelled");
        assertThat(count(batch)).as("nothing joins it any more").isEqualTo(made);
    }
}
