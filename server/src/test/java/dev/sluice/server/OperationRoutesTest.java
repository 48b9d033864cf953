package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.server.TestingServer.Answer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// File operations over HTTP: asked for, planned, watched as jobs, cancelled, reported and taken back.
@Timeout(60)
class OperationRoutesTest {
    @TempDir
    Path folder;

    private Path root;
    private Path outside;
    private TestingServer server;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(folder.resolve("root"));
        outside = Files.createDirectories(folder.resolve("outside"));
        server = new TestingServer(
                Files.createDirectory(folder.resolve("data")), Map.of("files.roots", root.toString()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static ObjectNode body(String operation, String target, String... sources) {
        ObjectNode body = TestingServer.JSON.createObjectNode().put("operation", operation);
        if (!target.isEmpty()) {
            body.put("target", target);
        }
        var list = body.putArray("sources");
        Stream.of(sources).forEach(list::add);
        return body;
    }

    private static ObjectNode mapped(String file) {
        return TestingServer.JSON.createObjectNode().put("operation", "copy").put("mapping", file);
    }

    private Answer ask(JsonNode body, String... headers) {
        return server.post("/api/v1/operations", body.toString(), headers);
    }

    private JsonNode accepted(JsonNode body, String... headers) {
        Answer answer = ask(body, headers);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json();
    }

    private JsonNode ended(JsonNode accepted, String state) {
        server.becomes(accepted.path("id").asText(), state);
        return server.job(accepted.path("id").asText());
    }

    private Path frames(String name, int count) throws IOException {
        Path frames = Files.createDirectories(root.resolve(name));
        for (int frame = 1; frame <= count; frame++) {
            Files.writeString(frames.resolve("shot.%04d.exr".formatted(1000 + frame)), "frame " + frame);
        }
        return frames;
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    // ---- Asking

    @Test
    void aCopyIsAJobWithEndsFactsAndLinks() throws IOException {
        frames("in", 3);
        JsonNode made = accepted(body("copy", "out/", "in/shot.#.exr", "in/shot.1001.exr"));
        assertThat(made.path("status").asText()).isEqualTo("queued");
        String id = made.path("id").asText();
        assertThat(made.path("links").path("report").asText()).isEqualTo("/api/v1/operations/" + id + "/report");

        server.becomes(id, "failed");
        JsonNode job = server.job(id);
        assertThat(job.path("error").path("message").asText()).contains("both").contains("nothing was touched");
        assertThat(job.path("source").asText()).isEqualTo("in/shot.#.exr and 1 more");
        assertThat(job.path("target").asText()).isEqualTo("out/");

        JsonNode done = ended(accepted(body("copy", "out/", "in/shot.#.exr")), "completed");
        assertThat(done.path("kind").asText()).isEqualTo("operation");
        assertThat(done.path("batch").asText()).isNotEmpty();
        assertThat(done.path("facts").path("operation").asText()).isEqualTo("copy");
        assertThat(done.path("facts").path("files").asInt()).isEqualTo(3);
        assertThat(done.path("facts").path("done").asInt()).isEqualTo(3);
        assertThat(done.path("links").has("undo"))
                .as("a copy has nothing to undo")
                .isFalse();
        assertThat(names(root.resolve("out"))).hasSize(3);
    }

    @Test
    void anIdOfTheClientsOwnIsTakenOnce() throws IOException {
        frames("in", 1);
        JsonNode made = accepted(body("copy", "a/", "in/").put("batch_id", "night-7"));
        assertThat(made.path("batch_id").asText()).isEqualTo("night-7");
        ask(body("copy", "b/", "in/").put("batch_id", "night-7")).problem(409, "conflict");
        ask(body("copy", "b/", "in/").put("batch_id", "not an id")).problem(400, "invalid_request");
    }

    @Test
    void theSameRequestUnderTheSameKeyMakesOneJob() throws IOException {
        frames("in", 1);
        JsonNode body = body("copy", "a/", "in/").put("batch_id", "once");
        String first = accepted(body, "Idempotency-Key", "k").path("id").asText();
        server.becomes(first, "completed");
        JsonNode again = accepted(body, "Idempotency-Key", "k");
        assertThat(again.path("id").asText()).isEqualTo(first);
        assertThat(again.path("status").asText()).isEqualTo("completed");
        ask(body("copy", "b/", "in/"), "Idempotency-Key", "k").problem(409, "conflict");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                                    | operation",
                "{\"operation\":\"delete\",\"sources\":[\"a\"]}                        | operation",
                "{\"operation\":\"copy\",\"sources\":[\"a\"],\"target\":\"b\",\"x\":1} | x",
                "{\"operation\":\"copy\",\"sources\":\"a\",\"target\":\"b\"}           | sources",
                "{\"operation\":\"copy\",\"sources\":[\"a\"],\"target\":\"b\",\"policy\":\"ask\"}     | policy",
                "{\"operation\":\"copy\",\"sources\":[\"a\"],\"target\":\"b\",\"verify\":\"crc\"}     | verify",
                "{\"operation\":\"copy\",\"sources\":[\"a\"],\"target\":\"b\",\"mhl\":\"yes\"}        | mhl",
                "{\"operation\":\"copy\",\"sources\":[\"a\"],\"target\":\"b\",\"bandwidth\":-1}       | bandwidth",
                "{\"operation\":\"copy\",\"sources\":[\"a\"],\"target\":\"b\",\"base\":\"/tmp\"}      | base",
                "{\"operation\":\"rename\",\"sources\":[\"a\"],\"rename\":{}}                         | rename.to",
                "{\"operation\":\"rename\",\"sources\":[\"a\"],\"rename\":{\"by\":\"b\"}}             | rename.by",
                "{\"operation\":\"rename\",\"sources\":[\"a\"],\"target\":\"b\",\"rename\":{\"to\":\"b\"}} | target",
                "{\"operation\":\"rename\",\"sources\":[\"a\"],\"rename\":{\"offset\":\"1\"}}         | rename.offset",
            })
    void whatIsNoRequestIsRefusedByItsField(String body, String field) {
        Answer answer = server.post("/api/v1/operations", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("field").asText()).as(answer.text()).isEqualTo(field);
    }

    @Test
    void namesAreMadeNew() throws IOException {
        Path in = frames("in", 3);
        ObjectNode body = body("rename", "", "in/shot.#.exr");
        body.putObject("rename").put("offset", 1).put("replace", "shot").put("with", "take");
        ended(accepted(body), "completed");
        assertThat(names(in)).containsExactly("take.1002.exr", "take.1003.exr", "take.1004.exr");
        assertThat(Files.readString(in.resolve("take.1004.exr"))).isEqualTo("frame 3");
    }

    @Test
    void whatHasFailedIsTriedAgain() throws IOException {
        frames("in", 2);
        Files.createDirectory(root.resolve("out"));
        Files.writeString(root.resolve("out/shot.1002.exr"), "old");
        String id = ended(accepted(body("copy", "out/", "in/shot.#.exr")), "failed")
                .path("id")
                .asText();
        assertThat(names(root.resolve("out"))).containsExactly("shot.1002.exr");
        Files.delete(root.resolve("out/shot.1002.exr"));
        server.post("/api/v1/jobs/" + id + "/retry").ok();
        server.becomes(id, "completed");
        assertThat(names(root.resolve("out"))).hasSize(2);
    }

    // ---- Roots

    @Test
    void withoutRootsNothingIsOpenOverHttp() throws IOException {
        try (var closed = new TestingServer(Files.createDirectory(folder.resolve("closed")), Map.of())) {
            JsonNode problem = closed.post(
                            "/api/v1/operations", body("copy", "b", "a").toString())
                    .problem(403, "forbidden");
            assertThat(problem.path("detail").asText()).contains("files.roots");
        }
    }

    @Test
    void whatLiesOutsideIsRefusedByItsName() throws IOException {
        Files.writeString(outside.resolve("secret"), "secret");
        frames("in", 1);
        String secret = outside.resolve("secret").toString();
        ask(body("copy", "a/", secret)).problem(403, "forbidden");
        ask(body("copy", outside + "/", "in/")).problem(403, "forbidden");
        ask(body("copy", "a/", "in/../../outside/secret")).problem(403, "forbidden");
        ask(body("copy", "a/", "*/../../outside/*")).problem(403, "forbidden");
        ask(mapped(outside + "/map.csv")).problem(403, "forbidden");
    }

    @Test
    void aMappingLeadsNowhereElse() throws IOException {
        frames("in", 1);
        Files.writeString(root.resolve("map.csv"), "in/shot.1001.exr," + outside + "/stolen\n");
        ObjectNode body = mapped("map.csv");
        JsonNode plan = ask(body.deepCopy().put("plan", true)).ok();
        assertThat(plan.path("blocked").asBoolean()).isTrue();
        assertThat(plan.path("conflicts").path(0).path("kind").asText()).isEqualTo("out_of_reach");
        JsonNode job = ended(accepted(body), "failed");
        assertThat(job.path("error").path("code").asText()).isEqualTo("forbidden");
        assertThat(names(outside)).isEmpty();
    }

    @Test
    void aLinkLeadsNowhereElse() throws IOException {
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createSymbolicLink(root.resolve("way"), outside);
        frames("in", 1);
        for (JsonNode body : List.of(body("copy", "a/", "way/secret"), body("copy", "way/", "in/shot.1001.exr"))) {
            JsonNode job = accepted(body);
            await().untilAsserted(() -> assertThat(server.job(job.path("id").asText())
                            .path("error")
                            .path("code")
                            .asText())
                    .isNotEmpty());
            server.post("/api/v1/jobs/" + job.path("id").asText() + "/cancel");
        }
        assertThat(names(outside)).containsExactly("secret");
        assertThat(root.resolve("a")).doesNotExist();
    }

    // ---- Plans

    @Test
    void aPlanSaysWhatWouldBeDoneAndTouchesNothing() throws IOException {
        frames("in", 3);
        Files.createDirectory(root.resolve("out"));
        Files.writeString(root.resolve("out/shot.1002.exr"), "old");
        JsonNode plan =
                ask(body("copy", "out/", "in/shot.#.exr").put("plan", true)).ok();
        assertThat(plan.path("operation").asText()).isEqualTo("copy");
        assertThat(plan.path("files").asInt()).isEqualTo(3);
        assertThat(plan.path("blocked").asBoolean()).isTrue();
        assertThat(plan.path("conflicts").path(0).path("kind").asText()).isEqualTo("target_exists");
        assertThat(plan.path("items")).hasSize(3);
        assertThat(plan.path("summary")).isNotEmpty();
        assertThat(names(root.resolve("out"))).containsExactly("shot.1002.exr");
        assertThat(server.get("/api/v1/jobs?kind=operation").ok().path("jobs")).isEmpty();
    }

    @Test
    void aConnectionThatHasBroughtAPlanGoesOn() throws IOException {
        frames("in", 1);
        String body = body("copy", "out/", "in/").put("plan", true).toString();
        String plan =
                "POST /api/v1/operations HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n";
        String answers = server.exchange(
                plan + "\r\n" + body + "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answers).contains("\"blocked\":false").contains("\"status\":\"up\"");
    }

    @Test
    void aPlanEndsWhenItsClientHasGone() throws IOException {
        Path wide = root.resolve("wide");
        Files.createDirectory(wide);
        for (int i = 0; i < 60_000; i++) {
            Files.createFile(wide.resolve(Integer.toString(i)));
        }
        String body = body("copy", "out/", "wide/", "wide/", "wide/", "wide/", "wide/", "wide/")
                .put("plan", true)
                .toString();
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write(("POST /api/v1/operations HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            await().until(OperationRoutesTest::plans);
        }
        long gone = System.nanoTime();
        await().until(() -> !plans());
        assertThat((System.nanoTime() - gone) / 1e6).isLessThan(500);
        await().untilAsserted(() -> assertThat(Files.readString(server.folder.resolve("logs/audit.jsonl")))
                .contains("\"path\":\"/api/v1/operations\",\"status\":409,\"code\":\"cancelled\""));
    }

    private static boolean plans() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("plan-"))
                .anyMatch(thread -> Stream.of(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().endsWith(".Planner")));
    }

    // ---- Cancelling

    @Test
    void aCancelInTheMiddleOfACopyLeavesNothing() throws IOException {
        Path big = root.resolve("big.bin");
        Files.write(big, TestingServer.bytes(32 << 20));
        Files.createDirectory(root.resolve("out"));
        JsonNode made = accepted(body("copy", "out/", "big.bin").put("bandwidth", 4 << 20));
        String id = made.path("id").asText();
        await().until(() -> server.job(id).path("progress").path("bytes").asLong() > 0);
        assertThat(names(root.resolve("out"))).singleElement().asString().startsWith(".");

        Answer cancelled =
                server.post("/api/v1/cli/cancel/" + made.path("batch_id").asText());
        assertThat(names(root.resolve("out"))).isEmpty();
        JsonNode document = cancelled.ok();
        assertThat(document.path("success").asBoolean()).isTrue();
        assertThat(document.path("message").asText()).endsWith(" cancelled");
        assertThat(document.path("batch_id").asText())
                .isEqualTo(made.path("batch_id").asText());
        assertThat(document.path("receipt").path("receipt").path("cleanup").asText())
                .isEqualTo("done");
        assertThat(document.path("receipt").path("receipt").path("bytesKept").asLong())
                .isZero();
        assertThat(big).hasSize(32 << 20);
        assertThat(server.state(id)).isEqualTo("cancelled");

        assertThat(server.post("/api/v1/cli/cancel/" + id).status()).isEqualTo(409);
        assertThat(server.post("/api/v1/cli/cancel/nobody-knows").status()).isEqualTo(404);
    }

    @Test
    void aCancelThatTakesAllBackIsAnsweredWhenThatIsDone() throws IOException {
        Files.createDirectories(root.resolve("in/first"));
        Files.createDirectories(root.resolve("in/second"));
        Files.write(root.resolve("in/first/a.bin"), TestingServer.bytes(1 << 20));
        Files.write(root.resolve("in/second/b.bin"), TestingServer.bytes(32 << 20));
        Files.createDirectory(root.resolve("out"));
        JsonNode made =
                accepted(body("copy", "out/", "in").put("bandwidth", 4 << 20).put("onCancel", "rollback"));
        await().until(() -> Files.exists(root.resolve("out/in/first/a.bin")));
        Answer cancelled = server.post("/api/v1/cli/cancel/" + made.path("id").asText(), "", "Accept", "text/plain");
        assertThat(names(root.resolve("out"))).isEmpty();
        assertThat(cancelled.text()).endsWith(", all of it was taken back\n");
    }

    // ---- Reports, and taking back

    @Test
    void aReportSaysWhatBecameOfEachFile() throws IOException {
        frames("in", 3);
        Files.writeString(root.resolve("in/shot.1002.exr"), "");
        JsonNode made = accepted(body("copy", "out/", "in/shot.#.exr").put("verify", "xxh64"));
        ended(made, "completed");
        String path = "/api/v1/operations/" + made.path("batch_id").asText() + "/report";
        JsonNode report = server.get(path).ok();
        assertThat(report.path("operation").asText()).isEqualTo("copy");
        assertThat(report.path("state").asText()).isEqualTo("completed");
        assertThat(report.path("totals").path("copied").asInt()).isEqualTo(3);
        assertThat(report.path("files")).hasSize(3);
        assertThat(report.path("files").path(0).path("hash").asText()).startsWith("xxh64:");

        Answer csv = server.get(path + "?format=csv");
        assertThat(csv.header("content-type")).startsWith("text/csv");
        List<String> lines = csv.text().lines().toList();
        assertThat(csv.text()).endsWith("\r\n");
        assertThat(lines.getFirst()).isEqualTo("source,target,state,bytes,millis,rate,hash,code,error");
        assertThat(lines).hasSize(4);
        assertThat(lines.get(1))
                .startsWith("\"" + root + "/in/shot.1001.exr\",\"" + root + "/out/shot.1001.exr\",\"copied\",7,");
        assertThat(server.get(path, "Accept", "text/csv").text()).isEqualTo(csv.text());
        server.get(path + "?format=xml").problem(400, "invalid_request");
    }

    @Test
    void aMoveIsTakenBack() throws IOException {
        Path in = frames("in", 3);
        JsonNode made = accepted(body("move", "out/", "in/shot.#.exr"));
        JsonNode job = ended(made, "completed");
        assertThat(names(in)).isEmpty();
        String undo = job.path("links").path("undo").asText();
        assertThat(undo).isEqualTo("/api/v1/operations/" + job.path("id").asText() + "/undo");

        Answer answer = server.post(undo, "", "Idempotency-Key", "back");
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        JsonNode back = ended(answer.json(), "completed");
        assertThat(server.post(undo, "", "Idempotency-Key", "back").json().path("id"))
                .isEqualTo(back.path("id"));
        assertThat(back.path("source").asText())
                .isEqualTo("what " + job.path("id").asText() + " has done");
        assertThat(names(in)).hasSize(3);
        assertThat(names(root.resolve("out"))).isEmpty();
    }

    @Test
    void whatReachesFurtherIsToldToOurUserOnly() throws IOException {
        Files.writeString(outside.resolve("a"), "a");
        ObjectNode body = body("move", outside + "/b", outside + "/a").put("batch_id", "ours");
        var unix = new TestingUnixClient(server.folder.resolve("sluice.sock"));
        assertThat(unix.post("/api/v1/operations", body.toString())).startsWith("HTTP/1.1 202 ");
        await().untilAsserted(() -> assertThat(outside.resolve("b")).hasContent("a"));
        assertThat(unix.get("/api/v1/operations/ours/report")).startsWith("HTTP/1.1 200 ");
        server.get("/api/v1/operations/ours/report").problem(404, "not_found");
        server.post("/api/v1/operations/ours/undo").problem(404, "not_found");
        assertThat(unix.post("/api/v1/operations/ours/undo", "")).startsWith("HTTP/1.1 202 ");
        await().untilAsserted(() -> assertThat(outside.resolve("a")).hasContent("a"));
    }

    @Test
    void relativePathsOfOurUserNeedABase() throws IOException {
        Files.writeString(outside.resolve("a"), "a");
        var unix = new TestingUnixClient(server.folder.resolve("sluice.sock"));
        assertThat(unix.post("/api/v1/operations", body("copy", "b", "a").toString()))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"field\":\"base\"");
        assertThat(unix.post(
                        "/api/v1/operations",
                        body("copy", "b", "a").put("base", outside.toString()).toString()))
                .startsWith("HTTP/1.1 202 ");
        await().untilAsserted(() -> assertThat(outside.resolve("b")).hasContent("a"));
    }
}
