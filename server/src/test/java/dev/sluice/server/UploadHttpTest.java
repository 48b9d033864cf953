package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static dev.sluice.server.TestingServer.initiation;
import static dev.sluice.server.TestingServer.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import dev.sluice.server.TestingServer.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Uploads by PUT and POST: what goes through, and how each thing that does not is answered.
@Timeout(60)
class UploadHttpTest {
    private static final long LIMIT = 32 << 20;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @BeforeAll
    static void start() {
        server = new TestingServer(folder, Map.of("upload.max-size", Long.toString(LIMIT), "upload.max-files", "20"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    // ---- What goes through

    @Test
    void aFileIsPutWhole() {
        File file = server.announce("a.bin", 1000);
        JsonNode document = server.put(file.id(), bytes(1000)).ok();
        assertThat(document.path("status").asText()).isEqualTo("completed");
        assertThat(document.path("offset").asLong()).isEqualTo(1000);
        assertThat(document.path("storage_location").asText()).startsWith("local:");
        assertThat(stream(file.id()).bytes()).isEqualTo(bytes(1000));
        server.nothingIsLeftOf(file.id());
    }

    @Test
    void aFileIsPutInParts() {
        byte[] content = bytes(1000);
        File file = server.announce("parts.bin", 1000);
        JsonNode first = server.put(file.id(), Arrays.copyOf(content, 400), "Content-Range", "bytes 0-399/1000")
                .ok();
        assertThat(first.path("status").asText()).isEqualTo("uploading");
        assertThat(first.path("offset").asLong()).isEqualTo(400);
        JsonNode refused = server.put(file.id(), Arrays.copyOf(content, 100), "Content-Range", "bytes 500-599/1000")
                .problem(409, "offset_mismatch");
        assertThat(refused.path("offset").asLong()).isEqualTo(400);
        JsonNode asked = server.put(file.id(), new byte[0], "Content-Range", "bytes */1000")
                .ok();
        assertThat(asked.path("offset").asLong()).isEqualTo(400);
        JsonNode last = server.put(
                        file.id(), Arrays.copyOfRange(content, 400, 1000), "Content-Range", "bytes 400-999/1000")
                .ok();
        assertThat(last.path("status").asText()).isEqualTo("completed");
        assertThat(stream(file.id()).bytes()).isEqualTo(content);
    }

    @Test
    void anEmptyFileIsPutAndPosted() {
        File put = server.announce("empty.bin", 0);
        assertThat(server.put(put.id(), new byte[0]).ok().path("status").asText())
                .isEqualTo("completed");
        assertThat(stream(put.id()).bytes()).isEmpty();

        Answer raw = server.postRaw("empty-raw.bin", new byte[0]);
        assertThat(raw.status()).as(raw.text()).isEqualTo(201);
        assertThat(stream(raw.json().path("file_id").asText()).bytes()).isEmpty();

        Answer form = server.postMultipart(part("file", "empty-form.txt", "text/plain", "") + "--XX--\r\n");
        assertThat(form.status()).as(form.text()).isEqualTo(201);
        assertThat(stream(form.json().path("file_id").asText()).bytes()).isEmpty();
    }

    @Test
    void aRawBodyBecomesAFile() {
        Answer made = server.postRaw("raw ä.bin", bytes(2000));
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().path("original_filename").asText()).isEqualTo("raw ä.bin");
        assertThat(stream(made.json().path("file_id").asText()).bytes()).isEqualTo(bytes(2000));
    }

    @Test
    void aFormWithSeveralFilesBecomesASealedBatch() {
        JsonNode made = server.postMultipart(part("file", "one.txt", "text/plain", "first")
                        + part("file", "two.txt", "text/plain", "second") + "--XX--\r\n")
                .json();
        assertThat(made.path("files")).hasSize(2);
        assertThat(stream(made.path("files").path(1).path("file_id").asText()).text())
                .isEqualTo("second");
        JsonNode batch =
                server.get("/api/v1/batches/" + made.path("batch_id").asText()).ok();
        assertThat(batch.path("status").asText()).isEqualTo("completed");
    }

    // ---- Sizes

    @Test
    void aPutOfMoreBytesThanAnnouncedStoresNothing() {
        File file = server.announce("more.bin", 10);
        JsonNode refused = server.put(file.id(), bytes(11)).problem(400, "size_mismatch");
        assertThat(refused.path("announced").asLong()).isEqualTo(10);
        server.nothingIsLeftOf(file.id());
        assertThat(server.state(file.id())).isEqualTo("pending");
    }

    @Test
    void aChunkedPutOfMoreBytesThanAnnouncedFailsAndStoresNothing() {
        File file = server.announce("more-chunked.bin", 10);
        server.putChunked(file.id(), bytes(11)).problem(400, "size_mismatch");
        server.nothingIsLeftOf(file.id());
        assertThat(server.state(file.id())).isEqualTo("failed");
        assertThat(server.held()).noneMatch(name -> name.startsWith("more"));
    }

    @Test
    void aPutOfFewerBytesThanAnnouncedIsNoFile() {
        File file = server.announce("fewer.bin", 10);
        server.put(file.id(), bytes(9)).problem(400, "size_mismatch");
        server.putChunked(file.id(), bytes(9)).problem(400, "size_mismatch");
        assertThat(server.state(file.id())).isEqualTo("pending");
        assertThat(server.held()).doesNotContain("fewer.bin");
    }

    @Test
    void aContentRangeOfAnotherTotalIsRefused() {
        File file = server.announce("total.bin", 10);
        server.put(file.id(), bytes(5), "Content-Range", "bytes 0-4/11").problem(400, "size_mismatch");
        server.put(file.id(), bytes(5), "Content-Range", "bytes nonsense").problem(400, "invalid_request");
    }

    @Test
    void aChunkedPartOfAnotherLengthThanItsContentRangeIsRefusedAndNoMoreThanTheRangeIsKept() {
        byte[] content = bytes(100);
        File file = server.announce("chunked-part.bin", 100);
        server.putChunked(file.id(), bytes(50), "Content-Range", "bytes 0-4/100")
                .problem(400, "size_mismatch");
        long offset =
                server.get("/api/v1/upload/" + file.id()).ok().path("offset").asLong();
        assertThat(offset).isLessThanOrEqualTo(5);
        JsonNode fewer = server.putChunked(file.id(), Arrays.copyOf(content, 5), "Content-Range", "bytes 0-9/100")
                .problem(400, "size_mismatch");
        assertThat(fewer.path("offset").asLong()).isEqualTo(5);
        server.putChunked(file.id(), Arrays.copyOfRange(content, 5, 100), "Content-Range", "bytes 5-98/100")
                .problem(400, "size_mismatch");
        assertThat(server.state(file.id())).isEqualTo("pending");
        server.putChunked(file.id(), Arrays.copyOfRange(content, 5, 100), "Content-Range", "bytes 5-99/100")
                .ok();
        assertThat(stream(file.id()).bytes()).isEqualTo(content);
    }

    @Test
    void aQuestionForTheOffsetHasNoBody() {
        File file = server.announce("question.bin", 10);
        server.put(file.id(), bytes(10), "Content-Range", "bytes */10").problem(400, "size_mismatch");
        server.putChunked(file.id(), bytes(10), "Content-Range", "bytes */10").problem(400, "size_mismatch");
        server.putChunked(file.id(), new byte[0], "Content-Range", "bytes */10").ok();
        assertThat(server.state(file.id())).isEqualTo("pending");
    }

    @Test
    void aFileOverTheLimitIsRefusedWhereItIsAnnouncedAndWhereItComes() {
        JsonNode refused = server.post("/api/v1/upload/initiate", initiation("big.bin", LIMIT + 1))
                .problem(413, "too_large");
        assertThat(refused.path("limit").asLong()).isEqualTo(LIMIT);
        server.post("/api/v1/upload/initiate", initiation("fits.bin", LIMIT)).ok();
        Answer raw = server.send(server.request("/api/v1/upload?filename=big.bin")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(new byte[(int) LIMIT + 1]))));
        raw.problem(413, "too_large");
        await().untilAsserted(() -> assertThat(server.held()).noneMatch(name -> name.contains("big")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "\"10\"", "1.5", "true", "[]", "99999999999999999999", "{}"})
    void aSizeThatIsNoneIsRefused(String size) {
        JsonNode refused = server.post(
                        "/api/v1/upload/initiate",
                        "{\"filename\":\"a.bin\",\"size\":" + size + ",\"content_type\":\"text/plain\"}")
                .problem(400, "invalid_request");
        assertThat(refused.path("field").asText()).isEqualTo("size");
    }

    // ---- Names

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "..\\..\\windows\\system.ini",
                "a/b/c.txt",
                "..",
                "con.txt",
                "NUL",
                "tab\there\u0001\u007f.txt",
                "new\nline.txt",
                "<>:\"|?*.txt",
                "trailing. . .",
                ".hidden"
            })
    void aDangerousNameIsStoredSafelyAndTheOriginalKept(String name) {
        File file = server.announce(name, 3);
        JsonNode document = server.put(file.id(), bytes(3)).ok();
        String stored = document.path("filename").asText();
        assertThat(document.path("original_filename").asText()).isEqualTo(name);
        assertThat(stored).doesNotContain("/", "\\", "..").doesNotContainPattern("[<>:\"|?*\\p{Cntrl}]");
        assertThat(stored).doesNotMatch("(?i)(con|nul)(\\..*)?").doesNotStartWith(".");
        assertThat(document.path("storage_location").asText())
                .satisfies(location -> assertThat(server.held()).contains(location.substring("local:".length())));
        Answer content = stream(file.id());
        assertThat(content.bytes()).isEqualTo(bytes(3));
        assertThat(content.header("Content-Disposition")).startsWith("attachment; filename=\"");
    }

    @Test
    void aNameOfThreeHundredCharactersIsShortened() {
        File file = server.announce("x".repeat(296) + ".txt", 3);
        JsonNode document = server.put(file.id(), bytes(3)).ok();
        assertThat(document.path("filename").asText())
                .hasSizeLessThanOrEqualTo(200)
                .endsWith(".txt");
        assertThat(document.path("original_filename").asText()).hasSize(300);
    }

    @ParameterizedTest
    @CsvSource({"a.exe,text/plain", "A.BAT,text/plain", "a.txt,application/x-msdownload", "x.txt.exe,text/plain"})
    void blockedTypesAreRefusedAtEveryDoor(String name, String type) {
        String body = "{\"filename\":\"" + name + "\",\"size\":3,\"content_type\":\"" + type + "\"}";
        server.post("/api/v1/upload/initiate", body).problem(415, "type_blocked");
        server.post("/api/v1/batch/initiate", "{\"files\":[" + body + "]}").problem(415, "type_blocked");
        server.postMultipart(part("file", name, type, "abc") + "--XX--\r\n").problem(415, "type_blocked");
        server.send(server.request("/api/v1/upload?filename=" + name)
                        .header("Content-Type", type)
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(bytes(3))))
                .problem(415, "type_blocked");
        assertThat(server.held()).noneMatch(held -> held.contains(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "sh", "app", "exe", "BAT"})
    void aNameWithoutADotHasNoExtensionThatCouldBeBlocked(String name) {
        File file = server.announce(name, 3);
        server.put(file.id(), bytes(3)).ok();
    }

    // ---- Forms

    @Test
    void aQuoteThatDoesNotEndIsTheClientsFault() {
        server.send(server.request("/api/v1/upload")
                        .header("Content-Type", "multipart/form-data; boundary=\"XX")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString("--XX--\r\n")))
                .problem(400, "invalid_request");
        String part = "--XX\r\nContent-Disposition: form-data; name=\"file\r\n\r\nhello\r\n--XX--\r\n";
        server.postMultipart(part).problem(400, "invalid_request");
    }

    @Test
    void aBlockedFileInAFormDoesNotUndoTheOneBeforeIt() {
        JsonNode refused = server.postMultipart(part("file", "good-before.txt", "text/plain", "good")
                        + part("file", "bad.exe", "text/plain", "bad") + "--XX--\r\n")
                .problem(415, "type_blocked");
        assertThat(refused.path("files")).hasSize(1);
        assertThat(stream(refused.path("files").path(0).asText()).text()).isEqualTo("good");
        assertThat(server.get("/api/v1/batches/" + refused.path("batch_id").asText())
                        .ok()
                        .path("file_ids"))
                .isEqualTo(refused.path("files"));
        assertThat(server.held()).contains("good-before.txt").noneMatch(name -> name.contains("bad"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Long: abcdefghi", "X-A: b\r\n"})
    void theHeadersOfAPartAreBounded(String endless) {
        String headers = endless.repeat((8 << 20) / endless.length());
        JsonNode refused = server.postMultipart("--XX\r\n" + headers + "\r\n\r\nabc\r\n--XX--\r\n")
                .problem(400, "invalid_request");
        assertThat(refused.path("detail").asText()).contains("16384 bytes of headers");
    }

    @Test
    void aFormThatEndsEarlyStoresNothing() {
        server.postMultipart(part("file", "cut.txt", "text/plain", "half of a f"))
                .problem(400, "invalid_request");
        await().untilAsserted(() -> assertThat(server.held()).noneMatch(name -> name.contains("cut")));
    }

    @Test
    void aFormWithoutAFileIsRefused() {
        server.postMultipart("--XX--\r\n").problem(400, "invalid_request");
        JsonNode other = server.postMultipart(part("photo", "a.txt", "text/plain", "abc") + "--XX--\r\n")
                .problem(400, "unknown_field");
        assertThat(other.path("field").asText()).isEqualTo("photo");
        server.send(server.request("/api/v1/upload").POST(java.net.http.HttpRequest.BodyPublishers.ofString("abc")))
                .problem(400, "invalid_request");
        server.send(server.request("/api/v1/upload")
                        .header("Content-Type", "multipart/form-data")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString("abc")))
                .problem(400, "invalid_request");
    }

    // ---- Once more

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFailedPostOfUnknownLengthIsTriedAgainByAPut(boolean inParts) throws IOException {
        String filename = "once-more-" + inParts + ".bin";
        try (Socket post = server.connect()) {
            post.getOutputStream()
                    .write(("POST /api/v1/upload?filename=" + filename + " HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            await().until(() -> !jobs(filename).isEmpty());
        }
        String id = jobs(filename).path(0).path("id").asText();
        server.becomes(id, "failed");
        await().untilAsserted(() -> assertThat(
                        server.post("/api/v1/jobs/" + id + "/retry").status())
                .isEqualTo(200));
        byte[] content = bytes(10);
        if (inParts) {
            server.put(id, Arrays.copyOf(content, 5), "Content-Range", "bytes 0-4/10")
                    .ok();
            server.put(id, Arrays.copyOfRange(content, 5, 10), "Content-Range", "bytes 5-9/10")
                    .ok();
        } else {
            server.put(id, content).ok();
        }
        assertThat(server.state(id)).isEqualTo("completed");
        assertThat(stream(id).bytes()).isEqualTo(content);
    }

    private static JsonNode jobs(String name) {
        return server.get("/api/v1/jobs?q=" + name).ok().path("jobs");
    }

    // ---- Stops

    @Test
    void aPutThatACancelCutsIsToldSoAndLeavesNothing() throws IOException {
        File file = server.announce("cut.bin", 1 << 20);
        try (Socket put = beginPut(file, 1 << 20, 1000)) {
            server.becomes(file.id(), "running");
            JsonNode receipt =
                    server.post("/api/v1/jobs/" + file.id() + "/cancel").ok();
            assertThat(receipt.path("stopped").asBoolean()).isTrue();
            String answer = TestingServer.readAll(put.getInputStream());
            assertThat(answer).startsWith("HTTP/1.1 409 ").contains("\"code\":\"conflict\"", "cancelled");
        }
        server.nothingIsLeftOf(file.id());
        assertThat(server.get("/api/v1/upload/" + file.id())
                        .ok()
                        .path("cancelled_by")
                        .asText())
                .isEqualTo("http_endpoint");
        server.put(file.id(), bytes(10)).problem(400, "size_mismatch");
        server.put(file.id(), new byte[1 << 20]).problem(410, "gone");
    }

    @Test
    void aPutOnAPausedUploadIsAConflict() {
        File file = server.announce("paused.bin", 10);
        server.post("/api/v1/jobs/" + file.id() + "/pause").ok();
        JsonNode refused = server.put(file.id(), bytes(10)).problem(409, "conflict");
        assertThat(refused.path("state").asText()).isEqualTo("paused");
        server.post("/api/v1/jobs/" + file.id() + "/resume").ok();
        server.put(file.id(), bytes(10)).ok();
    }

    @Test
    void aPutOnACompletedUploadIsAConflict() {
        File file = server.uploaded("twice.bin", bytes(10));
        JsonNode refused = server.put(file.id(), bytes(10)).problem(409, "conflict");
        assertThat(refused.path("state").asText()).isEqualTo("completed");
    }

    @Test
    void aPutWhoseClientIsLostCanGoOn() throws IOException {
        byte[] content = bytes(100_000);
        File file = server.announce("lost.bin", content.length);
        try (Socket put = beginPut(file, content.length, 0)) {
            put.getOutputStream().write(content, 0, 40_000);
            await().untilAsserted(() -> assertThat(server.get("/api/v1/upload/" + file.id())
                            .ok()
                            .path("offset")
                            .asLong())
                    .isEqualTo(40_000));
        }
        server.becomes(file.id(), "pending");
        server.put(file.id(), Arrays.copyOfRange(content, 40_000, 100_000), "Content-Range", "bytes 40000-99999/100000")
                .ok();
        assertThat(stream(file.id()).bytes()).isEqualTo(content);
    }

    private static Socket beginPut(File file, int length, int sent) throws IOException {
        Socket socket = server.connect();
        socket.getOutputStream()
                .write(("PUT /api/v1/upload/" + file.id() + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().write(new byte[sent]);
        return socket;
    }

    private static Answer stream(String id) {
        Answer answer = server.get("/api/v1/download/stream/" + id);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer;
    }
}
