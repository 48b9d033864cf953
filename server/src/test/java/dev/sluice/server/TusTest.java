package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a tus upload is beside the protocol: a job, with its stops, its batch, its place in the storage. The protocol
/// itself is tried sentence by sentence by `dev/clients`.
@Timeout(60)
class TusTest {
    private static final long LIMIT = 8 << 20;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @BeforeAll
    static void start() {
        server = new TestingServer(
                folder,
                Map.of(
                        "upload.max-size",
                        Long.toString(LIMIT),
                        "upload.max-files",
                        "3",
                        "upload.unverified",
                        "1000000",
                        "cors.origins",
                        "https://app.example"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer tus(String method, String path, byte[] body, String... headers) {
        var request = server.request(path).header("Tus-Resumable", "1.0.0");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(
                request.method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body)));
    }

    private static Answer post(String... headers) {
        return tus("POST", "/files", new byte[0], headers);
    }

    private static Answer head(String id) {
        return tus("HEAD", "/files/" + id, new byte[0]);
    }

    private static Answer delete(String id) {
        return tus("DELETE", "/files/" + id, new byte[0]);
    }

    private static Answer patch(String id, long offset, byte[] body, String... headers) {
        String[] all = Stream.concat(
                        Stream.of(
                                "Content-Type",
                                "application/offset+octet-stream",
                                "Upload-Offset",
                                Long.toString(offset)),
                        Arrays.stream(headers))
                .toArray(String[]::new);
        return tus("PATCH", "/files/" + id, body, all);
    }

    private static String id(Answer created) {
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(created.header("location")).startsWith("/files/");
        return created.header("location").substring("/files/".length());
    }

    private static String create(long size, String... headers) {
        return id(post(Stream.concat(Stream.of("Upload-Length", Long.toString(size)), Arrays.stream(headers))
                .toArray(String[]::new)));
    }

    private static String metadata(String... pairs) {
        return Stream.iterate(0, n -> n < pairs.length, n -> n + 2)
                .map(n -> pairs[n] + " " + Base64.getEncoder().encodeToString(pairs[n + 1].getBytes(UTF_8)))
                .collect(Collectors.joining(","));
    }

    private static byte[] stream(String id) {
        Answer answer = server.get("/api/v1/download/stream/" + id);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.bytes();
    }

    /// A PATCH that announces `length` bytes and has sent some of them, all of which have been taken.
    private static Socket hanging(String id, int length, byte[] first) throws IOException {
        Socket socket = server.connect();
        socket.getOutputStream()
                .write(("PATCH /files/" + id + " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
                                + "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\nContent-Length: "
                                + length
                                + "\r\n\r\n")
                        .getBytes(ISO_8859_1));
        socket.getOutputStream().write(first);
        await().untilAsserted(() ->
                assertThat(server.job(id).at("/progress/bytes").asLong()).isEqualTo(first.length));
        return socket;
    }

    // ---- A job like any other

    @Test
    void metadataNamesTheFileItsTypeAndItsStorage() {
        String id = create(
                3, "Upload-Metadata", metadata("filename", "a/../ü.txt", "filetype", "text/plain", "storage", "local"));
        assertThat(patch(id, 0, "abc".getBytes(UTF_8)).status()).isEqualTo(204);
        JsonNode file = server.get("/api/v1/upload/" + id).ok();
        assertThat(file.path("original_filename").asText()).isEqualTo("a/../ü.txt");
        assertThat(file.path("content_type").asText()).isEqualTo("text/plain");
        assertThat(file.path("status").asText()).isEqualTo("completed");
        assertThat(stream(id)).isEqualTo("abc".getBytes(UTF_8));
        server.nothingIsLeftOf(id);
    }

    @Test
    void metadataAsLargeAsARequestCanBringItComesBack() {
        String said = "large " + "QUJD".repeat(3_900);
        assertThat(head(create(1, "Upload-Metadata", said)).header("upload-metadata"))
                .isEqualTo(said);
    }

    @Test
    void aFileWithoutANameIsCalledAsItsJob() {
        String id = create(0);
        assertThat(server.job(id).path("name").asText()).isEqualTo(id);
        assertThat(server.state(id)).isEqualTo("completed");
        assertThat(server.held()).contains(id);
    }

    @ParameterizedTest
    @CsvSource({
        "filename,evil.exe,415,type_blocked",
        "filetype,application/x-msdownload,415,type_blocked",
        "storage,nowhere,400,invalid_request",
        "batch,no such batch,400,invalid_request",
        "batch,no-such-batch,400,invalid_request"
    })
    void metadataThatCannotBeIsRefused(String key, String value, int status, String code) {
        post("Upload-Length", "1", "Upload-Metadata", metadata(key, value)).problem(status, code);
    }

    @Test
    void aBatchOfTheClientsOwnIsMadeByItsFirstFileAndHasABound() {
        String batch = UUID.randomUUID().toString();
        String named = metadata("batch", batch, "filename", "in-batch.bin");
        String first = create(1, "Upload-Metadata", named);
        String second = create(1, "Upload-Metadata", named);
        JsonNode document = server.get("/api/v1/batches/" + batch).ok();
        assertThat(document.path("file_ids")).extracting(JsonNode::asText).containsExactly(first, second);
        create(1, "Upload-Metadata", named);
        post("Upload-Length", "1", "Upload-Metadata", named).problem(400, "invalid_request");
        server.post("/api/v1/batch/cancel/" + batch).ok();
        for (String id : new String[] {first, second}) {
            assertThat(head(id).status()).isEqualTo(410);
            patch(id, 0, bytes(1)).problem(410, "gone");
        }
    }

    @Test
    void aSealedBatchTakesNothing() {
        String batch = server.batch(1, 1);
        post("Upload-Length", "1", "Upload-Metadata", metadata("batch", batch)).problem(409, "conflict");
    }

    @Test
    void anUploadThatWasAnnouncedElsewhereIsSentByTus() {
        var file = server.announce("announced.bin", 10);
        assertThat(head(file.id()).header("upload-offset")).isEqualTo("0");
        assertThat(patch(file.id(), 0, bytes(10)).status()).isEqualTo(204);
        assertThat(stream(file.id())).isEqualTo(bytes(10));
    }

    // ---- Stops

    @Test
    void aCancelCutsARunningPatch() throws IOException {
        String id = create(100_000);
        try (Socket socket = hanging(id, 100_000, bytes(50_000))) {
            server.post("/api/v1/jobs/" + id + "/cancel").ok();
            assertThat(TestingServer.readAll(socket.getInputStream()))
                    .startsWith("HTTP/1.1 409 ")
                    .contains("Connection: close", "\"state\":\"cancelled\"");
        }
        Answer after = head(id);
        assertThat(after.status()).isEqualTo(410);
        assertThat(after.raw().headers().firstValue("upload-offset")).isEmpty();
        patch(id, 50_000, bytes(1)).problem(410, "gone");
        delete(id).problem(410, "gone");
        server.nothingIsLeftOf(id);
    }

    /// A client that is told of an offset that is the length sends nothing more, also where there is nothing to
    /// send: so it is after a crash between the length of an empty file and its commit.
    @Test
    void aHeadCompletesAnUploadOfWhichNothingIsMissing() {
        String id = server.announce("tus-empty.bin", 0).id();
        assertThat(head(id).header("upload-offset")).isEqualTo("0");
        assertThat(server.job(id).path("state").asText()).isEqualTo("completed");
        assertThat(server.held()).contains("tus-empty.bin");
    }

    @Test
    void betweenTwoPatchesAnUploadRunsOnForAMomentThenWaits() {
        String id = created(50_000);
        assertThat(server.job(id).path("state").asText()).isEqualTo("running");
        await().untilAsserted(() ->
                assertThat(server.job(id).path("waiting").asText()).isEqualTo("client"));
        assertThat(server.job(id).path("progress").path("bytes").asInt()).isEqualTo(50_000);
    }

    @Test
    void aCancelBetweenTwoPatchesLeavesNothing() {
        String id = created(50_000);
        server.post("/api/v1/jobs/" + id + "/cancel").ok();
        server.nothingIsLeftOf(id);
        patch(id, 50_000, bytes(1)).problem(410, "gone");
    }

    @Test
    void aPauseBetweenTwoPatchesKeepsWhatHasCome() {
        String id = created(50_000);
        server.post("/api/v1/jobs/" + id + "/pause").ok();
        patch(id, 50_000, bytes(1)).problem(409, "conflict");
        assertThat(head(id).header("upload-offset")).isEqualTo("50000");
        server.post("/api/v1/jobs/" + id + "/resume").ok();
        byte[] content = bytes(100_000);
        assertThat(patch(id, 50_000, Arrays.copyOfRange(content, 50_000, 100_000))
                        .status())
                .isEqualTo(204);
        assertThat(stream(id)).isEqualTo(content);
    }

    @Test
    void aHeadBetweenTwoPatchesTellsTheOffsetAndTheNextGoesOnThere() {
        String id = created(50_000);
        assertThat(head(id).header("upload-offset")).isEqualTo("50000");
        patch(id, 40_000, bytes(1)).problem(409, "offset_mismatch");
        byte[] content = bytes(100_000);
        assertThat(patch(id, 50_000, Arrays.copyOfRange(content, 50_000, 100_000))
                        .status())
                .isEqualTo(204);
        assertThat(stream(id)).isEqualTo(content);
    }

    /// An upload of 100,000 bytes of which the first have come.
    private String created(int bytes) {
        String id = create(100_000);
        assertThat(patch(id, 0, Arrays.copyOf(bytes(100_000), bytes)).status()).isEqualTo(204);
        return id;
    }

    @Test
    void aPauseCutsARunningPatchAndHeadTellsTheOffset() throws IOException {
        byte[] content = bytes(100_000);
        String id = create(100_000);
        try (Socket socket = hanging(id, 100_000, Arrays.copyOf(content, 50_000))) {
            server.post("/api/v1/jobs/" + id + "/pause").ok();
            assertThat(head(id).header("upload-offset")).isEqualTo("50000");
            assertThat(TestingServer.readAll(socket.getInputStream())).startsWith("HTTP/1.1 409 ");
        }
        patch(id, 50_000, bytes(1)).problem(409, "conflict");
        assertThat(head(id).header("upload-offset")).isEqualTo("50000");
        server.post("/api/v1/jobs/" + id + "/resume").ok();
        assertThat(patch(id, 50_000, Arrays.copyOfRange(content, 50_000, 100_000))
                        .status())
                .isEqualTo(204);
        assertThat(stream(id)).isEqualTo(content);
    }

    @Test
    void aNewerHeadEndsAPatchThatHangs() throws IOException {
        String id = create(100_000);
        try (Socket socket = hanging(id, 100_000, bytes(50_000))) {
            Answer asked = head(id);
            assertThat(asked.header("upload-offset")).isEqualTo("50000");
            assertThat(asked.header("upload-expires")).isNotEmpty();
            assertThat(asked.header("cache-control")).isEqualTo("no-store");
            assertThat(TestingServer.readAll(socket.getInputStream()))
                    .startsWith("HTTP/1.1 409 ")
                    .contains("superseded");
        }
        assertThat(server.job(id).path("waiting").asText()).isEqualTo("client");
    }

    @Test
    void aNewerPatchEndsOneThatHangs() throws IOException {
        byte[] content = bytes(100_000);
        String id = create(100_000);
        try (Socket socket = hanging(id, 100_000, Arrays.copyOf(content, 50_000))) {
            assertThat(patch(id, 50_000, Arrays.copyOfRange(content, 50_000, 100_000))
                            .status())
                    .isEqualTo(204);
            assertThat(TestingServer.readAll(socket.getInputStream())).startsWith("HTTP/1.1 409 ");
        }
        assertThat(stream(id)).isEqualTo(content);
    }

    @Test
    void aDeleteEndsAPatchThatHangs() throws IOException {
        String id = create(100_000);
        try (Socket socket = hanging(id, 100_000, bytes(50_000))) {
            assertThat(delete(id).status()).isEqualTo(204);
            assertThat(TestingServer.readAll(socket.getInputStream())).startsWith("HTTP/1.1 409 ");
        }
        server.nothingIsLeftOf(id);
        assertThat(server.state(id)).isEqualTo("cancelled");
    }

    @Test
    void aCutCreationWithItsBytesLeavesNothing() throws IOException {
        String name = UUID.randomUUID() + ".bin";
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write(("POST /files HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
                                    + "Content-Type: application/offset+octet-stream\r\nUpload-Length: 100\r\nContent-Length: 100\r\n"
                                    + "Upload-Metadata: " + metadata("filename", name) + "\r\n\r\nhello")
                            .getBytes(ISO_8859_1));
            await().untilAsserted(() ->
                    assertThat(jobCalled(name).path("state").asText()).isEqualTo("running"));
        }
        await().untilAsserted(
                        () -> assertThat(jobCalled(name).path("state").asText()).isEqualTo("failed"));
        server.nothingIsLeftOf(jobCalled(name).path("id").asText());
    }

    private static JsonNode jobCalled(String name) {
        return server.get("/api/v1/jobs?q=" + name).ok().at("/jobs/0");
    }

    // ---- Termination

    @Test
    void aCompletedUploadIsDeletedWithItsJob() {
        String id = create(3, "Upload-Metadata", metadata("filename", "to delete.txt"));
        patch(id, 0, bytes(3));
        assertThat(server.held()).contains("to delete.txt");
        assertThat(delete(id).status()).isEqualTo(204);
        await().untilAsserted(() -> assertThat(server.held()).doesNotContain("to delete.txt"));
        assertThat(head(id).status()).isEqualTo(404);
        server.get("/api/v1/jobs/" + id).problem(404, "not_found");
    }

    // ---- Sizes

    @Test
    void moreBytesThanAnnouncedAreRefusedAndTheUploadGoesOn() {
        String id = create(10);
        patch(id, 0, bytes(11)).problem(413, "too_large");
        Answer chunked = server.send(server.request("/files/" + id)
                .headers(
                        "Tus-Resumable",
                        "1.0.0",
                        "Content-Type",
                        "application/offset+octet-stream",
                        "Upload-Offset",
                        "0")
                .method("PATCH", BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(bytes(11)))));
        chunked.problem(413, "too_large");
        assertThat(head(id).header("upload-offset")).isEqualTo("0");
        assertThat(patch(id, 0, bytes(10)).status()).isEqualTo(204);
        patch(id, 10, bytes(1)).problem(413, "too_large");
        assertThat(patch(id, 10, new byte[0]).status()).isEqualTo(204);
        patch(id, 9, bytes(1)).problem(409, "offset_mismatch");
    }

    @Test
    void aDeferredLengthIsToldOnceAndHasItsBounds() {
        String id = id(post("Upload-Defer-Length", "1"));
        assertThat(patch(id, 0, bytes(10)).status()).isEqualTo(204);
        patch(id, 10, new byte[0], "Upload-Length", "9").problem(400, "size_mismatch");
        patch(id, 10, new byte[0], "Upload-Length", Long.toString(LIMIT + 1)).problem(413, "too_large");
        patch(id, 10, new byte[0], "Upload-Length", "x").problem(400, "invalid_request");
        assertThat(head(id).header("upload-defer-length")).isEqualTo("1");
        assertThat(patch(id, 10, bytes(5), "Upload-Length", "20").status()).isEqualTo(204);
        assertThat(server.job(id).at("/progress/totalBytes").asLong()).isEqualTo(20);
        assertThat(patch(id, 15, bytes(1), "Upload-Length", "20").status()).isEqualTo(204);
        patch(id, 16, bytes(1), "Upload-Length", "21").problem(400, "size_mismatch");
        assertThat(patch(id, 16, bytes(4)).status()).isEqualTo(204);
        assertThat(server.state(id)).isEqualTo("completed");
    }

    @Test
    void aDeferredLengthThatIsWhatHasComeCompletesTheUpload() {
        String id = id(post("Upload-Defer-Length", "1"));
        patch(id, 0, bytes(10));
        assertThat(patch(id, 10, new byte[0], "Upload-Length", "10").status()).isEqualTo(204);
        assertThat(stream(id)).isEqualTo(bytes(10));
    }

    // ---- Checksums

    @ParameterizedTest
    @CsvSource({
        "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
        "md5 XrY7u+Ae7tCTyyK7j1rNww==",
        "crc32c yZRlqg=="
    })
    void aRightChecksumIsTakenAndAWrongOneNot(String checksum) {
        String id = create(11);
        patch(id, 0, "hello worlD".getBytes(UTF_8), "Upload-Checksum", checksum).problem(460, "checksum_mismatch");
        assertThat(head(id).header("upload-offset")).isEqualTo("0");
        assertThat(server.state(id)).isEqualTo("pending");
        assertThat(patch(id, 0, "hello world".getBytes(UTF_8), "Upload-Checksum", checksum)
                        .status())
                .isEqualTo(204);
        assertThat(stream(id)).isEqualTo("hello world".getBytes(UTF_8));
    }

    @Test
    void aChecksumCountsForTheBytesOfACreationToo() {
        String[] headers = {
            "Content-Type",
            "application/offset+octet-stream",
            "Upload-Length",
            "11",
            "Upload-Checksum",
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="
        };
        tus("POST", "/files", "hello worlD".getBytes(UTF_8), headers).problem(460, "checksum_mismatch");
        assertThat(stream(id(tus("POST", "/files", "hello world".getBytes(UTF_8), headers))))
                .isEqualTo("hello world".getBytes(UTF_8));
    }

    @Test
    void aChunkWithAChecksumHasABound() {
        String id = create(2_000_000);
        patch(id, 0, bytes(1_000_001), "Upload-Checksum", "crc32c AAAAAA==").problem(413, "too_large");
        assertThat(head(id).header("upload-offset")).isEqualTo("0");
        patch(id, 0, bytes(1_000_000), "Upload-Checksum", "crc32c AAAAAA==").problem(460, "checksum_mismatch");
    }

    @Test
    void ofACutChunkWithAChecksumNothingIsKept() throws IOException {
        String id = create(100_000);
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write(("PATCH /files/" + id + " HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
                                    + "Content-Length: 100000\r\nUpload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\n\r\n")
                            .getBytes(ISO_8859_1));
            socket.getOutputStream().write(bytes(50_000));
            await().untilAsserted(() -> assertThat(server.held()).anyMatch(name -> name.contains(id)));
        }
        assertThat(head(id).header("upload-offset")).isEqualTo("0");
        assertThat(Files.isDirectory(folder.resolve("tails"))).isTrue();
        await().untilAsserted(() ->
                assertThat(TestingServer.held(folder.resolve("tails"))).isEmpty());
    }

    // ---- Concatenation

    private static String part(byte[] content) {
        String id = create(content.length, "Upload-Concat", "partial");
        assertThat(patch(id, 0, content).status()).isEqualTo(204);
        return id;
    }

    @Test
    void partsBecomeOneFileWhateverTheirDoor() {
        byte[] content = bytes(3_000_000);
        String a = part(Arrays.copyOf(content, 1_000_000));
        String b = create(2_000_000, "Upload-Concat", "partial");
        byte[] rest = Arrays.copyOfRange(content, 1_000_000, 3_000_000);
        server.put(b, rest, "Content-Range", "bytes 0-1999999/2000000").ok();
        assertThat(server.state(b)).isEqualTo("pending");
        server.get("/api/v1/download/stream/" + b).problem(409, "conflict");
        String whole = id(post(
                "Upload-Concat",
                "final;/files/" + a + " " + server.uri + "/files/" + b,
                "Upload-Metadata",
                metadata("filename", "from parts.bin")));
        server.put(whole, content).problem(403, "forbidden");
        server.becomes(whole, "completed");
        assertThat(stream(whole)).isEqualTo(content);
        for (String part : new String[] {a, b}) {
            assertThat(server.state(part)).isEqualTo("completed");
            assertThat(head(part).status()).isEqualTo(410);
            assertThat(server.job(part).path("links").has("content")).isFalse();
            server.get("/api/v1/download/stream/" + part).problem(410, "gone");
            assertThat(server.get("/api/v1/upload/" + part).ok().path("status").asText())
                    .isEqualTo("completed");
            server.nothingIsLeftOf(part);
            assertThat(delete(part).status()).isEqualTo(204);
        }
        post("Upload-Concat", "final;/files/" + a).problem(400, "invalid_request");
    }

    @Test
    void partsThatGoBeyondTheLimitAreRefused() {
        String part = part(bytes(5 << 20));
        post("Upload-Concat", "final;/files/" + part + " /files/" + part).problem(413, "too_large");
        assertThat(delete(part).status()).isEqualTo(204);
    }

    // ---- The door

    @Test
    void foreignNamesAndOriginsAreRefused() {
        String id = create(1);
        for (String method : new String[] {"HEAD", "PATCH", "DELETE", "OPTIONS"}) {
            assertThat(tus(method, "/files/" + id, new byte[0], "Origin", "https://evil.example")
                            .status())
                    .as(method)
                    .isEqualTo(403);
        }
        assertThat(tus("POST", "/files", new byte[0], "Upload-Length", "1", "Origin", "https://evil.example")
                        .status())
                .isEqualTo(403);
        String foreign = String.join(
                "\r\n",
                "POST /files HTTP/1.1",
                "Host: evil.example",
                "Tus-Resumable: 1.0.0",
                "Upload-Length: 1",
                "Connection: close",
                "",
                "");
        assertThat(server.exchange(foreign)).startsWith("HTTP/1.1 403 ");
        assertThat(head(id).header("upload-offset")).isEqualTo("0");
    }

    @Test
    void aPageOfAnAllowedOriginMaySendAndReadWhatTusNeeds() {
        Answer preflight = server.send(server.request("/files")
                .headers(
                        "Origin",
                        "https://app.example",
                        "Access-Control-Request-Method",
                        "PATCH",
                        "Access-Control-Request-Headers",
                        "tus-resumable,upload-offset")
                .method("OPTIONS", BodyPublishers.noBody()));
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(preflight.header("access-control-allow-methods")).contains("PATCH", "DELETE", "HEAD");
        assertThat(preflight.header("access-control-allow-headers")).isEqualTo("tus-resumable,upload-offset");
        assertThat(preflight.header("tus-version")).isEqualTo("1.0.0");
        assertThat(post("Upload-Length", "1", "Origin", "https://app.example").header("access-control-expose-headers"))
                .contains("Location", "Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable");
    }

    @Test
    void otherMethodsAreRefused() {
        Answer got = tus("GET", "/files/" + create(1), new byte[0]);
        assertThat(got.header("allow")).isEqualTo("OPTIONS, HEAD, PATCH, DELETE");
        got.problem(405, "invalid_request");
        tus("PUT", "/files", new byte[0]).problem(405, "invalid_request");
    }
}
