package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Downloads over HTTP, as wire contract §2 has them to the letter.
@Timeout(60)
class DownloadRoutesTest {
    private static final String LATER = "2999-01-01T00:00:00Z";

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

    private static ObjectNode body(String url) {
        return TestingServer.JSON.createObjectNode().put("url", url);
    }

    /// A job that waits for its time.
    private String waiting() {
        return submitted(body(source.url("/whole/film.mp4")).put("notBefore", LATER));
    }

    private String submitted(ObjectNode body) {
        var answer = server.post("/api/v1/download", body.toString());
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.json().path("status").asText()).isEqualTo("queued");
        return answer.json().path("jobId").asText();
    }

    private JsonNode status(String id) {
        return server.get("/api/v1/download/" + id).ok();
    }

    private String completed(String url) {
        String id = submitted(body(url));
        await().untilAsserted(() -> assertThat(status(id).path("status").asText())
                .as(status(id).toString())
                .isEqualTo("completed"));
        return id;
    }

    // ---- Asking

    @Test
    void aDownloadIsQueuedUnderTheClientsOwnId() {
        var answer = server.post(
                "/api/download",
                body(source.url("/whole/film.mp4"))
                        .put("jobId", "job-1.a")
                        .put("quality", "")
                        .put("storageProvider", "local")
                        .put("notBefore", LATER)
                        .toString());
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.text()).isEqualTo("{\"jobId\":\"job-1.a\",\"status\":\"queued\"}");
        assertThat(server.get("/api/status/job-1.a").text())
                .isEqualTo(server.get("/api/v1/download/job-1.a").text())
                .isEqualTo(
                        "{\"jobId\":\"job-1.a\",\"status\":\"queued\",\"progress\":0,\"storageProvider\":\"local\"}");
        server.post(
                        "/api/download",
                        body(source.url("/whole/b")).put("jobId", "job-1.a").toString())
                .problem(409, "conflict");
    }

    @Test
    void theSameRequestUnderTheSameKeyIsTheSameJob() {
        String body = body(source.url("/whole/a")).put("notBefore", LATER).toString();
        var first = server.post("/api/v1/download", body, "Idempotency-Key", "k1");
        assertThat(first.status()).isEqualTo(202);
        assertThat(server.post("/api/v1/download", body, "Idempotency-Key", "k1")
                        .text())
                .isEqualTo(first.text());
        server.post("/api/v1/download", body(source.url("/whole/b")).toString(), "Idempotency-Key", "k1")
                .problem(409, "conflict");
    }

    @Test
    void requestsThatDifferInAnythingDoNotShareAKey() {
        ObjectNode base = body(source.url("/whole/a")).put("notBefore", LATER).put("jobId", "job-k2");
        var first = server.post("/api/v1/download", base.toString(), "Idempotency-Key", "k2");
        assertThat(first.status()).isEqualTo(202);
        assertThat(server.post("/api/v1/download", base.toString(), "Idempotency-Key", "k2")
                        .text())
                .isEqualTo(first.text());
        ObjectNode ofOurs = base.deepCopy();
        ofOurs.remove("jobId");
        for (ObjectNode other : List.of(
                base.deepCopy().put("url", source.url("/whole/a?b")),
                base.deepCopy().put("quality", "720p"),
                base.deepCopy().put("format", "mp4"),
                base.deepCopy().put("subtitles", true),
                base.deepCopy().put("maxDuration", 60),
                base.deepCopy().put("playlist", true),
                base.deepCopy().put("storageProvider", "local"),
                base.deepCopy().put("name", "b.mp4"),
                base.deepCopy().put("checksum", "md5:" + "0".repeat(32)),
                base.deepCopy().put("notBefore", "2999-01-02T00:00:00Z"),
                base.deepCopy().put("jobId", "job-k3"),
                ofOurs)) {
            server.post("/api/v1/download", other.toString(), "Idempotency-Key", "k2")
                    .problem(409, "conflict");
        }
        var several = TestingServer.JSON.createObjectNode().put("notBefore", LATER);
        several.putArray("urls").add(source.url("/whole/a"));
        server.post("/api/v1/downloads", several.toString(), "Idempotency-Key", "k2")
                .problem(409, "conflict");
    }

    @Test
    void anIdThatMeansSomethingInAPathIsRefused() {
        for (String id : List.of(".", "..")) {
            var refused = server.post(
                    "/api/v1/download",
                    body(source.url("/whole/a")).put("jobId", id).toString());
            refused.problem(400, "invalid_request");
            assertThat(refused.text()).contains("jobId").contains("neither . nor ..");
        }
    }

    @Test
    void aUrlThatNamesAnAddressThatIsNotPublicIsRefusedAtOnce() {
        server.post("/api/v1/download", body("http://10.0.0.1/secret").toString())
                .problem(400, "target_refused");
        server.post("/api/v1/download", body("ftp://example.com/a").toString()).problem(400, "target_refused");
        server.post("/api/v1/download", "{\"link\":\"http://example.com/\"}").problem(400, "invalid_request");
        server.post(
                        "/api/v1/download",
                        body("http://example.com/")
                                .put("storageProvider", "moon")
                                .toString())
                .problem(400, "invalid_request");
    }

    @Test
    void severalUrlsAreOneBatch() {
        var request = TestingServer.JSON.createObjectNode().put("notBefore", LATER);
        request.putArray("urls").add(source.url("/whole/1")).add(source.url("/whole/2"));
        var answer = server.post("/api/v1/downloads", request.toString());
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        JsonNode made = answer.json();
        assertThat(made.path("jobs")).hasSize(2);
        assertThat(server.job(made.path("jobs").path(1).asText()).path("name").asText())
                .isEqualTo("2");
        JsonNode batch =
                server.get("/api/v1/batches/" + made.path("batch").asText()).ok();
        assertThat(batch.path("file_ids")).isEqualTo(made.path("jobs"));
        assertThat(batch.path("status").asText()).isEqualTo("pending");
    }

    // ---- Telling

    @Test
    void whatIsNoDownloadIsNotFound() {
        String upload = server.announce("a.txt", 1).id();
        for (String id : new String[] {"nothing", upload, "a%20b"}) {
            server.get("/api/v1/download/" + id).problem(404, "not_found");
            server.get("/api/status/" + id).problem(404, "not_found");
            server.post("/api/v1/download/cancel/" + id).problem(404, "not_found");
            server.delete("/api/v1/download/" + id).problem(404, "not_found");
        }
    }

    @Test
    void aJobShowsItsUrlWithoutSecretsAndItsTurn() {
        String first = waiting();
        String second =
                submitted(body("http://joe:pass@127.0.0.1:1/a.bin?token=hidden").put("notBefore", LATER));
        JsonNode job = server.job(second);
        assertThat(job.path("kind").asText()).isEqualTo("download");
        assertThat(job.path("waiting").asText()).isEqualTo("slot");
        assertThat(job.path("position").asInt()).isEqualTo(2);
        assertThat(job.path("target").asText()).isEqualTo("local");
        assertThat(job.path("source").asText()).startsWith("http://127.0.0.1:1/a.bin");
        assertThat(job.toString()).doesNotContain("pass").doesNotContain("hidden");
        assertThat(server.job(first).path("position").asInt()).isEqualTo(1);
        assertThat(server.get("/api/v1/jobs/" + second, "Accept", "text/plain").text())
                .contains("Position");
    }

    @Test
    void aWaitingJobIsGivenAnotherTurn() {
        String first = waiting();
        String second = waiting();
        String third = waiting();
        JsonNode moved = server.post("/api/v1/jobs/" + third + "/move", "{\"position\":1}")
                .ok();
        assertThat(moved.path("id").asText()).isEqualTo(third);
        assertThat(moved.path("position").asInt()).isEqualTo(1);
        assertThat(queue()).containsExactly(third, first, second);
        assertThat(server.post("/api/v1/cli/move/" + third, "{\"position\":9}", "Accept", "text/plain")
                        .text())
                .isEqualTo("moved " + third + " to position 3\n");
        assertThat(queue()).containsExactly(first, second, third);
        server.post("/api/v1/jobs/" + third + "/move", "{\"position\":0}").problem(400, "invalid_request");
        server.post("/api/v1/jobs/nothing/move", "{\"position\":1}").problem(404, "not_found");
        server.post("/api/v1/download/cancel/" + third).ok();
        server.post("/api/v1/jobs/" + third + "/move", "{\"position\":1}").problem(409, "conflict");
    }

    private List<String> queue() {
        var jobs = new ArrayList<JsonNode>();
        server.get("/api/v1/jobs?kind=download&state=pending").ok().path("jobs").forEach(jobs::add);
        return jobs.stream()
                .sorted(java.util.Comparator.comparingInt(
                        job -> job.path("position").asInt()))
                .map(job -> job.path("id").asText())
                .toList();
    }

    // ---- Cancelling

    @Test
    void aCancelIsAnsweredOnceAndRefusedAfterwards() {
        String id = waiting();
        JsonNode answer = server.post("/api/v1/download/cancel/" + id).ok();
        assertThat(answer.path("message").asText()).isEqualTo("Download cancelled successfully");
        assertThat(answer.path("jobId").asText()).isEqualTo(id);
        assertThat(answer.path("cancelled_at").asText()).endsWith("Z");
        assertThat(answer.path("stopped").asBoolean()).isTrue();
        assertThat(status(id).path("status").asText()).isEqualTo("cancelled");
        server.post("/api/v1/download/cancel/" + id).problem(400, "not_cancellable");
        server.delete("/api/v1/download/" + id).problem(400, "not_cancellable");
        server.get("/api/v1/download/stream/" + id).problem(409, "conflict");
    }

    @Test
    void aDeleteIsACancel() {
        String id = waiting();
        assertThat(server.delete("/api/v1/download/" + id).ok().path("message").asText())
                .isEqualTo("Download cancelled successfully");
        assertThat(server.state(id)).isEqualTo("cancelled");
    }

    @Test
    void aDownloadThatRunsIsCancelled() {
        String id = submitted(body(source.url("/held/film.mp4")));
        await().untilAsserted(
                        () -> assertThat(status(id).path("progress").asInt()).isGreaterThanOrEqualTo(15));
        server.post("/api/v1/download/cancel/" + id).ok();
        assertThat(status(id).path("status").asText()).isEqualTo("cancelled");
        await().untilAsserted(() -> assertThat(server.held()).isEmpty());
    }

    // ---- What has arrived

    @Test
    void whatIsCompletedIsReadByItsLinkWithoutAnythingElse() {
        String id = completed(source.url("/whole/a%20film.mp4"));
        JsonNode status = status(id);
        assertThat(status.path("progress").asInt()).isEqualTo(100);
        assertThat(status.path("fileSize").asLong()).isEqualTo(source.content.length);
        assertThat(status.path("videoInfo").path("title").asText()).isEqualTo("a film.mp4");
        String link = status.path("downloadUrl").asText();
        assertThat(link).startsWith(server.uri + "/d/" + id + "/a%20film.mp4?expires=");
        assertThat(status(id).path("downloadUrl").asText())
                .as("is always the same")
                .isEqualTo(link);

        var whole = server.get(link);
        assertThat(whole.bytes()).isEqualTo(source.content);
        assertThat(whole.header("content-type")).isEqualTo("video/mp4");
        assertThat(whole.header("content-disposition")).contains("attachment").contains("a film.mp4");
        var part = server.get(link, "Range", "bytes=10-19", "If-Range", whole.header("etag"));
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(source.content, 10, 20));
        assertThat(server.head(link).header("content-length")).isEqualTo("300000");
        assertThat(server.get("/api/v1/download/stream/" + id).bytes()).isEqualTo(source.content);
        assertThat(server.job(id).path("links").path("content").asText()).isEqualTo("/api/v1/download/stream/" + id);
    }

    @Test
    void aForgedLinkOpensNothing() {
        String id = completed(source.url("/whole/film.mp4"));
        String link = status(id).path("downloadUrl").asText();
        server.get(link.replaceFirst("expires=[0-9]+", "expires=99999999999")).problem(403, "forbidden");
        server.get(link.replaceFirst("signature=.", "signature=x")).problem(403, "forbidden");
        server.get(link.replaceFirst("&signature=.*", "")).problem(403, "forbidden");
        server.get(link.replace(id, "other")).problem(403, "forbidden");
        assertThat(server.head(link.replaceFirst("signature=.", "signature=x")).status())
                .isEqualTo(403);
    }

    @Test
    void aLinkOfARemovedDownloadOpensNotWhatHasItsIdNow() {
        String id = completed("d1", "/whole/one.mp4");
        String shown = status(id).path("downloadUrl").asText();
        assertThat(server.get(shown).status()).isEqualTo(200);
        assertThat(server.delete("/api/v1/jobs/" + id + "/links").status()).isEqualTo(204);
        server.get(shown).problem(410, "gone");
        String made = linked(id);
        assertThat(server.get(made).status()).isEqualTo(200);
        assertThat(server.delete("/api/v1/jobs/" + id + "?content=true").status())
                .isEqualTo(204);

        completed("d1", "/whole/two.mp4");
        server.get(shown).problem(403, "forbidden");
        server.get(made).problem(403, "forbidden");
        assertThat(server.get(status(id).path("downloadUrl").asText()).bytes())
                .as("the links of the one that was removed are revoked, and not its own")
                .isEqualTo(source.content);
        assertThat(server.get("/api/v1/links").ok().path("links"))
                .singleElement()
                .satisfies(link -> assertThat(link.has("url")).isFalse());
    }

    private String completed(String id, String path) {
        server.becomes(submitted(body(source.url(path)).put("jobId", id)), "completed");
        return id;
    }

    private String linked(String id) {
        return server.post("/api/v1/links", "{\"job\":\"" + id + "\",\"expiresIn\":60}")
                .json()
                .path("url")
                .asText();
    }

    @Test
    void aCompletedDownloadIsForgottenWithItsFile() {
        String id = completed(source.url("/whole/film.mp4"));
        assertThat(server.held()).containsExactly("film.mp4");
        assertThat(server.delete("/api/v1/jobs/" + id + "?content=true").status())
                .isEqualTo(204);
        await().untilAsserted(() -> assertThat(server.held()).isEmpty());
        server.get("/api/v1/download/" + id).problem(404, "not_found");
    }

    @Test
    void aFailedDownloadSaysWhyAndIsTriedAgain() {
        String id = submitted(body(source.url("/missing")));
        server.becomes(id, "failed");
        assertThat(status(id).path("error").asText()).isNotEmpty();
        assertThat(server.post("/api/v1/jobs/" + id + "/retry")
                        .ok()
                        .path("state")
                        .asText())
                .isIn("pending", "running");
        assertThat(status(id).path("status").asText()).isIn("processing", "failed");
        server.becomes(id, "failed");
    }

    @Test
    void aRetryFetchesWhatIsThereByThen() {
        String id = submitted(body(source.url("/late/film.mp4")));
        server.becomes(id, "failed");
        server.post("/api/v1/jobs/" + id + "/retry").ok();
        server.becomes(id, "completed");
        assertThat(server.get(status(id).path("downloadUrl").asText()).bytes()).isEqualTo(source.content);
    }

    @Test
    void aZipIsOfUploadsOnly() {
        var request = TestingServer.JSON.createObjectNode();
        request.putArray("urls").add(source.url("/whole/1"));
        JsonNode made = server.post("/api/v1/downloads", request.toString()).json();
        server.becomes(made.path("jobs").path(0).asText(), "completed");
        var zip = server.get("/api/v1/batch/download-zip/" + made.path("batch").asText());
        assertThat(zip.status()).isEqualTo(200);
        assertThat(new String(zip.bytes(), StandardCharsets.ISO_8859_1)).startsWith("PK\u0005\u0006");
    }

    @Test
    void linksBeginWithThePublicAddressAndItsNameIsAnswered() {
        server.close();
        server = new TestingServer(
                folder.resolve("public"),
                Map.of(
                        "download.allow-networks", "127.0.0.0/8",
                        "server.public-url", "https://files.example.com/s/"));
        String link = status(completed(source.url("/whole/film.mp4")))
                .path("downloadUrl")
                .asText();
        assertThat(link).startsWith("https://files.example.com/s/d/");
        String path = URI.create(link).getRawPath().substring(2) + "?"
                + URI.create(link).getRawQuery();
        assertThat(server.exchange(
                        "HEAD " + path + " HTTP/1.1\r\nHost: files.example.com\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }
}
