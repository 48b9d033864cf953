package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static dev.sluice.server.TestingServer.initiation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import dev.sluice.server.TestingServer.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The JSON routes: jobs, batches, uploads as documents.
@Timeout(60)
class JobRoutesTest {
    private static final String UNKNOWN = "0199aaaa-0000-7000-8000-000000000000";

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @BeforeAll
    static void start() {
        server = new TestingServer(folder, Map.of("upload.max-files", "20"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    // ---- Unknown and ended ones

    @ParameterizedTest
    @CsvSource({
        "GET,/api/v1/jobs/{}",
        "DELETE,/api/v1/jobs/{}",
        "GET,/api/v1/jobs/{}/history",
        "GET,/api/v1/jobs/{}/events",
        "POST,/api/v1/jobs/{}/cancel",
        "POST,/api/v1/jobs/{}/pause",
        "POST,/api/v1/jobs/{}/resume",
        "POST,/api/v1/jobs/{}/retry",
        "DELETE,/api/v1/batches/{}",
        "GET,/api/v1/batches/{}/history",
        "GET,/api/v1/batches/{}/events",
        "POST,/api/v1/batches/{}/cancel",
        "POST,/api/v1/batches/{}/pause",
        "POST,/api/v1/batches/{}/resume",
        "POST,/api/v1/batches/{}/retry",
        "GET,/api/v1/batches/{}",
        "GET,/api/v1/batch/{}",
        "GET,/api/v1/upload/{}",
        "PUT,/api/v1/upload/{}",
        "POST,/api/v1/upload/cancel/{}",
        "POST,/api/v1/batch/cancel/{}",
        "GET,/api/v1/download/stream/{}",
        "GET,/api/v1/batch/download-zip/{}"
    })
    void anUnknownIdIsNotFoundOnEveryRoute(String method, String path) {
        for (String id : new String[] {UNKNOWN, "no%20id", "%C3%A4", "..."}) {
            Answer answer = server.send(server.request(path.replace("{}", id))
                    .method(method, java.net.http.HttpRequest.BodyPublishers.noBody()));
            JsonNode problem = answer.problem(404, "not_found");
            assertThat(problem.path("detail").asText())
                    .startsWith("there is no ")
                    .doesNotContain("nothing at");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cancel", "pause", "resume", "retry"})
    void theCommandLineIsToldOfUnknownIdsInItsOwnWords(String verb) {
        Answer answer = server.post("/api/v1/cli/" + verb + "/" + UNKNOWN);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("success").asBoolean(true))
                .as(answer.text())
                .isFalse();
        assertThat(answer.json().path("message").asText()).contains(UNKNOWN);
    }

    @Test
    void whereNothingIsTheAnswerSaysSo() {
        JsonNode problem = server.get("/api/v1/nothing").problem(404, "not_found");
        assertThat(problem.path("detail").asText()).isEqualTo("there is nothing at /api/v1/nothing");
        server.post("/nowhere", "{}").problem(404, "not_found");
    }

    @Test
    void anotherMethodThanTheRouteHasIsNotAllowed() {
        server.delete("/api/v1/jobs").problem(405, "invalid_request");
        server.post("/health", "{}").problem(405, "invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cancel", "pause", "resume", "retry"})
    void whatHasCompletedIsAConflictWithItsState(String verb) {
        File file = server.uploaded("ended.bin", bytes(3));
        JsonNode problem = server.post("/api/v1/jobs/" + file.id() + "/" + verb)
                .problem(409, verb.equals("cancel") ? "not_cancellable" : "conflict");
        assertThat(problem.path("state").asText()).isEqualTo("completed");
    }

    @Test
    void theFirstFrontEndIsToldFourHundredWhereNothingCanBeCancelled() {
        File file = server.uploaded("ended-1.bin", bytes(3));
        server.post("/api/v1/upload/cancel/" + file.id()).problem(400, "not_cancellable");
        String batch = server.batch(2, 3);
        server.post("/api/v1/batch/cancel/" + batch).ok();
        server.post("/api/v1/batch/cancel/" + batch).problem(400, "not_cancellable");
    }

    // ---- Malformed requests

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/upload/initiate", "/api/v1/batch/initiate"})
    void whatIsNoJsonObjectIsRefused(String route) {
        for (String body :
                new String[] {"", "{", "[]", "null", "\"a\"", "{\"a\":1}{}", "{\"a\":1,\"a\":2}", "\u0000", "NaN"}) {
            server.post(route, body).problem(400, "invalid_request");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|filename",
                "{'filename':'a','content_type':'text/plain'}|size",
                "{'filename':7,'size':1}|filename",
                "{'filename':'','size':1}|filename",
                "{'filename':['a'],'size':1}|filename",
                "{'filename':'a','size':1,'content_type':'nonsense'}|content_type",
                "{'filename':'a','size':1,'content_type':5}|content_type",
                "{'filename':'a','size':1,'storage':'moon'}|storage",
                "{'filename':'a','size':1,'storage':{}}|storage"
            })
    void aWrongFieldIsNamed(String body, String field) {
        JsonNode problem =
                server.post("/api/v1/upload/initiate", body.replace('\'', '"')).problem(400, "invalid_request");
        assertThat(problem.path("field").asText()).isEqualTo(field);
        assertThat(problem.path("detail").asText()).contains(field.equals("storage") ? "" : field);
    }

    @Test
    void anUnknownFieldIsNamed() {
        JsonNode problem = server.post("/api/v1/upload/initiate", "{\"filename\":\"a\",\"size\":1,\"sizes\":2}")
                .problem(400, "unknown_field");
        assertThat(problem.path("field").asText()).isEqualTo("sizes");
        problem = server.post("/api/v1/batch/initiate", "{\"files\":[{\"filename\":\"a\",\"size\":1,\"x\":2}]}")
                .problem(400, "unknown_field");
        assertThat(problem.path("field").asText()).isEqualTo("files[0].x");
        problem = server.post("/api/v1/batch/initiate", "{\"files\":[{\"filename\":\"a\",\"size\":1}],\"y\":2}")
                .problem(400, "unknown_field");
        assertThat(problem.path("field").asText()).isEqualTo("y");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'files':[]}|files",
                "{'files':{}}|files",
                "{'files':[7]}|files[0]",
                "{'files':[{'filename':'a','size':1},{'filename':'b','size':-1}]}|files[1].size"
            })
    void aWrongFileOfABatchIsNamed(String body, String field) {
        JsonNode problem =
                server.post("/api/v1/batch/initiate", body.replace('\'', '"')).problem(400, "invalid_request");
        assertThat(problem.path("field").asText()).isEqualTo(field);
    }

    @Test
    void moreFilesThanABatchMayHaveAreRefused() {
        String one = "{\"filename\":\"a\",\"size\":1}";
        server.post("/api/v1/batch/initiate", "{\"files\":[" + (one + ",").repeat(20) + one + "]}")
                .problem(400, "invalid_request");
    }

    @Test
    void aBodyOverSixteenMebibytesIsTooLarge() {
        server.post("/api/v1/upload/initiate", "{\"filename\":\"" + "a".repeat(17 << 20) + "\"}")
                .problem(413, "too_large");
    }

    @ParameterizedTest
    @CsvSource({
        "limit,0",
        "limit,-1",
        "limit,1001",
        "limit,many",
        "state,gone",
        "kind,a%20b",
        "batch,a%2Fb",
        "after,nonsense"
    })
    void aWrongFilterIsNamed(String name, String value) {
        JsonNode problem = server.get("/api/v1/jobs?" + name + "=" + value).problem(400, "invalid_request");
        assertThat(problem.path("detail").asText()).isNotEmpty();
    }

    // ---- Jobs

    @Test
    void aJobIsPausedResumedAndCancelled() {
        File file = server.announce("verbs.bin", 10);
        String job = "/api/v1/jobs/" + file.id();
        assertThat(server.post(job + "/pause").ok().path("state").asText()).isEqualTo("paused");
        assertThat(server.post(job + "/pause")
                        .problem(409, "conflict")
                        .path("state")
                        .asText())
                .isEqualTo("paused");
        assertThat(server.post(job + "/resume").ok().path("state").asText()).isEqualTo("pending");
        assertThat(server.post(job + "/resume")
                        .problem(409, "conflict")
                        .path("state")
                        .asText())
                .isEqualTo("pending");
        assertThat(server.post(job + "/retry")
                        .problem(409, "conflict")
                        .path("state")
                        .asText())
                .isEqualTo("pending");
        JsonNode first = server.post(job + "/cancel").ok();
        assertThat(first.path("id").asText()).isEqualTo(file.id());
        assertThat(first.path("state").asText()).isEqualTo("cancelled");
        assertThat(first.path("stopped").asBoolean()).isTrue();
        assertThat(first.path("receipt").path("bytesKept").asLong(-1)).isZero();
        assertThat(first.path("receipt").path("cleanup").asText()).isEqualTo("done");
        assertThat(first.path("receipt").path("by").asText()).isEqualTo("http_endpoint");
        JsonNode second = server.post(job + "/cancel").ok();
        assertThat(second).isEqualTo(first);
        assertThat(server.post(job + "/resume")
                        .problem(409, "conflict")
                        .path("state")
                        .asText())
                .isEqualTo("cancelled");
        assertThat(server.job(file.id()).path("cancelledBy").asText()).isEqualTo("http_endpoint");
        await().untilAsserted(() -> assertThat(
                        server.get(job + "/events").ok().path("events").findValuesAsText("event"))
                .containsExactly("created", "paused", "resumed", "cancelled", "cleaned"));
    }

    @Test
    void theSecondCancelIsAnsweredWithTheFirstReceiptHoweverSoonItComes() {
        for (int i = 0; i < 50; i++) {
            String job = "/api/v1/jobs/" + server.announce("again.bin", 10).id();
            JsonNode first = server.post(job + "/cancel").ok();
            assertThat(server.post(job + "/cancel").ok()).isEqualTo(first);
        }
    }

    @Test
    void aFailedJobIsTriedAgain() {
        File file = server.announce("retry.bin", 10);
        server.putChunked(file.id(), bytes(11)).problem(400, "size_mismatch");
        JsonNode failed = server.job(file.id());
        assertThat(failed.path("state").asText()).isEqualTo("failed");
        assertThat(failed.path("error").path("code").asText()).isEqualTo("size_mismatch");
        server.post("/api/v1/jobs/" + file.id() + "/cancel").problem(409, "not_cancellable");
        await().untilAsserted(() -> assertThat(
                        server.post("/api/v1/jobs/" + file.id() + "/retry").status())
                .isEqualTo(200));
        assertThat(server.state(file.id())).isEqualTo("pending");
        server.put(file.id(), bytes(10)).ok();
        assertThat(server.state(file.id())).isEqualTo("completed");
    }

    @Test
    void onlyAnEndedJobIsForgottenAndItsContentOnlyWhereThatIsAskedFor() {
        File open = server.announce("delete-open.bin", 10);
        JsonNode refused = server.delete("/api/v1/jobs/" + open.id()).problem(409, "conflict");
        assertThat(refused.path("state").asText()).isEqualTo("pending");

        File kept = server.uploaded("delete-kept.bin", bytes(3));
        assertThat(server.delete("/api/v1/jobs/" + kept.id()).status()).isEqualTo(204);
        server.get("/api/v1/jobs/" + kept.id()).problem(404, "not_found");
        assertThat(server.held()).contains("delete-kept.bin");

        File gone = server.uploaded("delete-gone.bin", bytes(3));
        assertThat(server.delete("/api/v1/jobs/" + gone.id() + "?content=true").status())
                .isEqualTo(204);
        assertThat(server.held()).doesNotContain("delete-gone.bin");
    }

    @Test
    void aJobTellsItsEventsAndItsHistory() {
        File file = server.uploaded("events.bin", bytes(3));
        JsonNode events = server.get("/api/v1/jobs/" + file.id() + "/events").ok();
        assertThat(events.path("epoch").asText()).isNotEmpty();
        var types = new ArrayList<String>();
        events.path("events").forEach(event -> types.add(event.path("event").asText()));
        assertThat(types).containsExactly("created", "started", "stage", "completed");
        assertThat(server.get("/api/v1/jobs/" + file.id() + "/history").ok().isObject())
                .isTrue();
    }

    // ---- Batches

    @Test
    void aBatchIsPausedResumedAndCancelled() {
        String batch = server.batch(3, 5);
        String route = "/api/v1/batches/" + batch;
        assertThat(server.post(route + "/pause").ok().path("jobs")).hasSize(3);
        assertThat(server.post(route + "/pause").ok().path("jobs")).isEmpty();
        assertThat(server.post(route + "/resume").ok().path("jobs")).hasSize(3);
        assertThat(server.post(route + "/retry").ok().path("jobs")).isEmpty();
        String first = server.get(route).ok().path("file_ids").path(0).asText();
        server.put(first, bytes(5)).ok();
        JsonNode cancelled = server.post(route + "/cancel").ok();
        assertThat(cancelled.path("batch").asText()).isEqualTo(batch);
        assertThat(cancelled.path("cancelled").asInt()).isEqualTo(2);
        assertThat(cancelled.path("alreadyEnded").asInt()).isEqualTo(1);
        assertThat(cancelled.path("results")).hasSize(2);
        JsonNode document = server.get(route).ok();
        assertThat(document.path("status").asText()).isEqualTo("cancelled");
        assertThat(document.path("cancelled_files_count").asInt()).isEqualTo(2);
        assertThat(document.path("cancelled_at").asText()).isNotEmpty();
        assertThat(server.get("/api/v1/batch/" + batch).ok()).hasSize(3);
    }

    @Test
    void theCancelOfABatchThatHasEndedIsAConflict() {
        String batch = server.batch(1, 5);
        String route = "/api/v1/batches/" + batch;
        server.put(server.get(route).ok().path("file_ids").path(0).asText(), bytes(5))
                .ok();
        JsonNode refused = server.post(route + "/cancel").problem(409, "not_cancellable");
        assertThat(refused.path("state").asText()).isEqualTo("completed");
        assertThat(server.get(route).ok().path("status").asText()).isEqualTo("completed");
    }

    @Test
    void theSecondCancelOfABatchGetsTheFirstReceiptsAgain() {
        String batch = server.batch(2, 5);
        String route = "/api/v1/batches/" + batch;
        JsonNode first = server.post(route + "/cancel").ok();
        JsonNode document = server.get(route).ok();
        JsonNode second = server.post(route + "/cancel").ok();
        assertThat(second).isEqualTo(first);
        assertThat(server.get(route).ok()).isEqualTo(document);
    }

    @Test
    void aBatchTellsTheEventsOfItsJobsInTheirOrder() {
        String batch = server.batch(2, 5);
        String route = "/api/v1/batches/" + batch;
        server.uploaded("beside.bin", bytes(3));
        JsonNode ids = server.get(route).ok().path("file_ids");
        server.put(ids.path(1).asText(), bytes(5)).ok();
        server.post("/api/v1/jobs/" + ids.path(0).asText() + "/cancel").ok();
        await().until(() -> server.get(route + "/events")
                .ok()
                .path("events")
                .findValuesAsText("event")
                .contains("cleaned"));
        var told = new ArrayList<String>();
        var seqs = new ArrayList<Long>();
        for (JsonNode event : server.get(route + "/events").ok().path("events")) {
            boolean first = event.path("job").asText().equals(ids.path(0).asText());
            assertThat(first || event.path("job").asText().equals(ids.path(1).asText()))
                    .isTrue();
            told.add((first ? "0 " : "1 ") + event.path("event").asText());
            seqs.add(event.path("seq").asLong());
        }
        assertThat(told)
                .startsWith(
                        "0 created", "1 created", "1 started", "1 stage", "1 completed", "0 cancelled", "0 cleaned");
        assertThat(seqs).isSorted().doesNotHaveDuplicates();
        assertThat(server.get(route + "/events?after=" + seqs.get(1)).ok().path("events"))
                .hasSize(told.size() - 2);
        server.get(route + "/events?after=yesterday").problem(400, "invalid_request");
    }

    @Test
    void aBatchTellsTheHistoriesOfItsJobsByPages() {
        String batch = server.batch(5, 5);
        String route = "/api/v1/batches/" + batch;
        var ids = server.get(route).ok().path("file_ids");
        var told = new ArrayList<String>();
        JsonNode first = server.get(route + "/history?limit=3").ok();
        assertThat(first.path("id").asText()).isEqualTo(batch);
        assertThat(first.path("histories")).hasSize(3);
        first.path("histories").forEach(history -> told.add(history.path("id").asText()));
        assertThat(first.path("histories").path(0).path("samples").isArray()).isTrue();
        JsonNode second = server.get(
                        route + "/history?limit=3&after=" + first.path("next").asText())
                .ok();
        second.path("histories").forEach(history -> told.add(history.path("id").asText()));
        assertThat(second.has("next")).isFalse();
        var expected = new ArrayList<String>();
        ids.forEach(id -> expected.add(id.asText()));
        assertThat(told).isEqualTo(expected);
    }

    @Test
    void onlyABatchThatHasEndedIsForgottenWithAllItsJobs() {
        String batch = server.batch(2, 5);
        String route = "/api/v1/batches/" + batch;
        JsonNode ids = server.get(route).ok().path("file_ids");
        List<String> before = server.held();
        server.put(ids.path(0).asText(), bytes(5)).ok();
        JsonNode refused = server.delete(route).problem(409, "conflict");
        assertThat(refused.path("state").asText()).isEqualTo("processing");
        assertThat(server.get(route).ok().path("file_ids")).hasSize(2);

        server.post(route + "/cancel").ok();
        assertThat(server.held()).hasSize(before.size() + 1);
        assertThat(server.delete(route + "?content=true").status()).isEqualTo(204);
        assertThat(server.held()).isEqualTo(before);
        server.get(route).problem(404, "not_found");
        server.get("/api/v1/jobs/" + ids.path(0).asText()).problem(404, "not_found");
        server.get("/api/v1/jobs/" + ids.path(1).asText()).problem(404, "not_found");
        server.delete(route).problem(404, "not_found");
    }

    @Test
    void theFirstFrontEndsBatchCancelCountsItsFiles() {
        String batch = server.batch(2, 5);
        JsonNode answer = server.post("/api/v1/batch/cancel/" + batch).ok();
        assertThat(answer.path("message").asText()).isEqualTo("Batch upload cancelled successfully");
        assertThat(answer.path("batch_id").asText()).isEqualTo(batch);
        assertThat(answer.path("cancelled_files_count").asInt()).isEqualTo(2);
        assertThat(answer.path("total_files_in_batch").asInt()).isEqualTo(2);
        assertThat(answer.path("stopped").asBoolean()).isTrue();
    }

    // ---- Lists

    @Test
    void jobsAreListedByFilterAndPage() {
        String batch = server.batch(7, 5);
        String list = "/api/v1/jobs?batch=" + batch;
        server.post("/api/v1/jobs/"
                        + server.get(list).ok().path("jobs").path(0).path("id").asText() + "/cancel")
                .ok();
        assertThat(server.get(list).ok().path("jobs")).hasSize(7);
        assertThat(server.get(list + "&state=cancelled").ok().path("jobs")).hasSize(1);
        assertThat(server.get(list + "&state=PENDING&kind=upload&owner=local")
                        .ok()
                        .path("jobs"))
                .hasSize(6);
        assertThat(server.get(list + "&q=F3.").ok().path("jobs")).hasSize(1);
        assertThat(server.get(list + "&kind=import").ok().path("jobs")).isEmpty();

        var seen = new ArrayList<String>();
        String after = "";
        int pages = 0;
        do {
            JsonNode page = server.get(list + "&limit=3" + after).ok();
            page.path("jobs").forEach(job -> seen.add(job.path("id").asText()));
            after = page.has("next") ? "&after=" + page.path("next").asText() : "";
            pages++;
        } while (!after.isEmpty());
        assertThat(pages).isEqualTo(3);
        assertThat(seen).hasSize(7).doesNotHaveDuplicates();
    }

    @Test
    void aKeyWhoseJobsWereRemovedSaysSo() {
        String body = "{\"files\":[" + initiation("key-a.bin", 1) + "," + initiation("key-b.bin", 1) + "]}";
        JsonNode made = server.post("/api/v1/batch/initiate", body, "Idempotency-Key", "k-removed")
                .ok();
        for (int i = 0; i < 2; i++) {
            String file = made.path("files").path(i).path("file_id").asText();
            server.post("/api/v1/jobs/" + file + "/cancel").ok();
            assertThat(server.delete("/api/v1/jobs/" + file).status()).isEqualTo(204);
            JsonNode gone = server.post("/api/v1/batch/initiate", body, "Idempotency-Key", "k-removed")
                    .problem(410, "gone");
            assertThat(gone.path("removed")).hasSize(i + 1);
            assertThat(gone.path("removed").path(i).asText()).isEqualTo(file);
            assertThat(gone.path("detail").asText()).contains("k-removed");
        }
    }

    @Test
    void oneKeySubmitsOnce() {
        String body = initiation("key.bin", 10);
        JsonNode first = server.post("/api/v1/upload/initiate", body, "Idempotency-Key", "k-1")
                .ok();
        assertThat(server.post("/api/v1/upload/initiate", body, "Idempotency-Key", "k-1")
                        .ok())
                .isEqualTo(first);
        assertThat(server.post("/api/v1/upload/initiate", body, "Idempotency-Key", "k-2")
                        .ok())
                .isNotEqualTo(first);
        server.post("/api/v1/upload/initiate", initiation("other.bin", 10), "Idempotency-Key", "k-1")
                .problem(409, "conflict");
        JsonNode refused = server.post("/api/v1/upload/initiate", body, "Idempotency-Key", "x".repeat(201))
                .problem(400, "invalid_request");
        assertThat(refused.path("field").asText()).isEqualTo("Idempotency-Key");
    }
}
