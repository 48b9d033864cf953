package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.app.Settings;
import dev.sluice.app.StorageKind;
import dev.sluice.storage.Durability;
import dev.sluice.storage.LocalStorage;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server with a disk and something that works as a cloud does: whichever an upload names, its bytes move on the
/// threads of that one.
class NamedStorageTest {
    private static final int SIZE = 3 << 20;

    private final Set<String> onDisk = ConcurrentHashMap.newKeySet();
    private final Set<String> onCloud = ConcurrentHashMap.newKeySet();
    /// Until it opens, the cloud takes nothing away.
    private volatile CountDownLatch cloudTakesAway = new CountDownLatch(0);

    @TempDir
    Path folder;

    private TestingServer server;

    @BeforeEach
    void start() {
        start("disk");
    }

    private void start(String standard) {
        Map<String, StorageKind> kinds = Map.of(
                "local",
                (site, storage) -> new WatchedStorage(local(site, storage), onDisk, "local", null, () -> {}),
                "cloud",
                (site, storage) -> new WatchedStorage(
                        local(site, storage),
                        onCloud,
                        "cloud",
                        Thread::startVirtualThread,
                        () -> await(cloudTakesAway)));
        server = new TestingServer(
                folder.resolve(standard),
                Map.of(
                        "storages.disk.kind", "local",
                        "storages.disk.path", "on-disk",
                        "storages.there.kind", "cloud",
                        "storages.there.path", "there",
                        "storages.local.kind", "local",
                        "storages.local.path", "old",
                        "storage", standard),
                kinds);
    }

    private static LocalStorage local(StorageKind.Site site, Settings.StorageSettings storage) {
        return new LocalStorage(site.folder().resolve(storage.path()), Durability.PROCESS, 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(String standard) {
        server.close();
        onDisk.clear();
        onCloud.clear();
        start(standard);
    }

    private void onlyOnItsThreads(String storage) {
        if (storage.equals("disk")) {
            assertThat(onDisk).isNotEmpty().allMatch(thread -> thread.startsWith("disk-on-disk-"));
            assertThat(onCloud).isEmpty();
        } else {
            assertThat(onCloud).containsExactly("virtual");
            assertThat(onDisk).isEmpty();
        }
    }

    private static String other(String storage) {
        return storage.equals("disk") ? "there" : "disk";
    }

    private void stored(JsonNode file, String storage, byte[] content) {
        assertThat(file.path("storage_location").asText()).startsWith(storage + ":");
        assertThat(server.get("/api/v1/download/stream/" + file.path("file_id").asText())
                        .bytes())
                .isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "there"})
    void aRawPostRunsOnTheThreadsOfTheStorageThatItNames(String storage) {
        restart(other(storage));
        byte[] content = bytes(SIZE);
        var answer = server.send(server.request("/api/v1/upload?filename=raw.bin&storage=" + storage)
                .POST(BodyPublishers.ofByteArray(content)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        stored(answer.json(), storage, content);
        onlyOnItsThreads(storage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "there"})
    void aFormRunsOnTheThreadsOfTheStorageThatItsFieldNames(String storage) {
        restart(other(storage));
        byte[] content = letters(SIZE);
        var answer = server.postMultipart(field("storage", storage) + file("a.txt", content) + file("b.txt", content)
                + file("c.txt", new byte[] {'c'}) + "--XX--\r\n");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        JsonNode files = answer.json().path("files");
        assertThat(files).hasSize(3);
        stored(files.path(0), storage, content);
        stored(files.path(1), storage, content);
        stored(files.path(2), storage, new byte[] {'c'});
        onlyOnItsThreads(storage);
    }

    @Test
    void aFormGoesWhereItsAddressSaysUnlessItSaysOtherwiseItself() {
        byte[] content = letters(10);
        JsonNode there = form("?storage=there", file("a.txt", content)).json();
        stored(there, "there", content);
        JsonNode old = form("?storage=there", field("storage", "local") + file("b.txt", content))
                .json();
        stored(old, "local", content);
    }

    private TestingServer.Answer form(String query, String parts) {
        return server.send(server.request("/api/v1/upload" + query)
                .header("Content-Type", "multipart/form-data; boundary=XX")
                .POST(BodyPublishers.ofString(parts + "--XX--\r\n")));
    }

    @Test
    void theStorageOfAFormComesBeforeItsFiles() {
        byte[] content = letters(10);
        JsonNode late =
                form("", file("a.txt", content) + field("storage", "there")).problem(400, "invalid_request");
        assertThat(late.path("field").asText()).isEqualTo("storage");
        assertThat(late.path("detail").asText()).contains("before the files");
        form("", field("storage", "x".repeat(1000)) + file("a.txt", content)).problem(400, "invalid_request");
        assertThat(onCloud).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "there"})
    void aTusCreationWithBytesRunsOnTheThreadsOfTheStorageThatItNames(String storage) {
        restart(other(storage));
        byte[] content = bytes(SIZE);
        var made = server.send(server.request("/files")
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", String.valueOf(content.length))
                .header("Upload-Metadata", "filename " + base64("t.bin") + ",storage " + base64(storage))
                .header("Content-Type", "application/offset+octet-stream")
                .POST(BodyPublishers.ofByteArray(content)));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        onlyOnItsThreads(storage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "there"})
    void whatGoesOnInPartsRunsOnTheThreadsOfItsStorage(String storage) {
        restart(other(storage));
        byte[] content = bytes(SIZE);
        String id =
                initiated("parts.bin", content.length, storage).path("file_id").asText();
        // A part that does not fit is refused by a session that is let go of again.
        server.put(id, new byte[1], "Content-Range", "bytes 5-5/" + content.length)
                .problem(409, "offset_mismatch");
        int half = content.length / 2;
        assertThat(server.put(
                                id,
                                java.util.Arrays.copyOf(content, half),
                                "Content-Range",
                                "bytes 0-" + (half - 1) + "/" + content.length)
                        .status())
                .isEqualTo(200);
        // Who asks for the offset ends what has hold of the upload.
        assertThat(server.send(server.request("/files/" + id)
                                .header("Tus-Resumable", "1.0.0")
                                .method("HEAD", BodyPublishers.noBody()))
                        .header("Upload-Offset"))
                .isEqualTo(String.valueOf(half));
        var rest = server.put(
                id,
                java.util.Arrays.copyOfRange(content, half, content.length),
                "Content-Range",
                "bytes " + half + "-" + (content.length - 1) + "/" + content.length);
        assertThat(rest.ok().path("status").asText()).isEqualTo("completed");
        onlyOnItsThreads(storage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "there"})
    void aSocketRunsOnTheThreadsOfTheStorageThatItsFileNames(String storage) {
        restart(other(storage));
        byte[] content = bytes(SIZE);
        String id =
                initiated("socket.bin", content.length, storage).path("file_id").asText();
        try (TestingSocket socket = server.socket("/ws/upload/" + id)) {
            socket.send(content);
            server.becomes(id, "completed");
        }
        onlyOnItsThreads(storage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "there"})
    void aBatchRunsOnTheThreadsOfTheStorageThatItsBodyNames(String storage) {
        restart(other(storage));
        byte[] content = bytes(SIZE);
        JsonNode batch = server.post(
                        "/api/v1/batch/initiate",
                        "{\"storage\":\"" + storage + "\",\"files\":[{\"filename\":\"a.txt\",\"size\":" + SIZE
                                + "},{\"filename\":\"b.txt\",\"size\":" + SIZE + "}]}")
                .ok();
        assertThat(batch.path("files")).hasSize(2);
        for (JsonNode file : batch.path("files")) {
            String id = file.path("file_id").asText();
            JsonNode done = server.put(id, content).ok();
            assertThat(done.path("storage_location").asText()).startsWith(storage + ":");
            assertThat(server.get("/api/v1/download/stream/" + id).bytes()).isEqualTo(content);
        }
        onlyOnItsThreads(storage);
    }

    @Test
    void aStorageThatDoesNotAnswerHoldsUpNoOtherOnesCleanUp() throws IOException {
        cloudTakesAway = new CountDownLatch(1);
        for (int n = 0; n < 100; n++) {
            cancelledHalfway("silent-" + n + ".bin", "there");
        }
        cancelledHalfway("disk.bin", "disk");
        Awaitility.await()
                .atMost(Duration.ofSeconds(1))
                .until(() -> files("on-disk").isEmpty());
        assertThat(files("there")).hasSize(100);
        cloudTakesAway.countDown();
        Awaitility.await().until(() -> files("there").isEmpty());
    }

    @Test
    void aStorageIsToldAtTheStartWhatWasBegunInIt() {
        String id = initiated("half.bin", SIZE, "there").path("file_id").asText();
        assertThat(server.put(id, new byte[1000], "Content-Range", "bytes 0-999/" + SIZE)
                        .status())
                .isEqualTo(200);
        restart("disk");
        assertThat(onCloud).hasSize(1).allMatch(word -> word.startsWith("recalled " + id));
        assertThat(onDisk).isEmpty();
    }

    private void cancelledHalfway(String name, String storage) {
        String id = initiated(name, SIZE, storage).path("file_id").asText();
        assertThat(server.put(id, new byte[1000], "Content-Range", "bytes 0-999/" + SIZE)
                        .status())
                .isEqualTo(200);
        assertThat(server.post("/api/v1/jobs/" + id + "/cancel").status()).isEqualTo(200);
    }

    private List<Path> files(String storage) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("disk").resolve(storage))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static void await(CountDownLatch opens) {
        try {
            assertThat(opens.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aZipReadsEachFileOnTheThreadsOfItsStorage() {
        byte[] content = bytes(1 << 20);
        String batch = "0197f3a2-7b1c-7000-8000-0242ac120002";
        for (String storage : new String[] {"disk", "there", "disk", "there"}) {
            var made = server.send(server.request("/files")
                    .header("Tus-Resumable", "1.0.0")
                    .header("Upload-Length", String.valueOf(content.length))
                    .header(
                            "Upload-Metadata",
                            "filename " + base64("z.bin") + ",storage " + base64(storage) + ",batch " + base64(batch))
                    .header("Content-Type", "application/offset+octet-stream")
                    .POST(BodyPublishers.ofByteArray(content)));
            assertThat(made.status()).as(made.text()).isEqualTo(201);
        }
        onDisk.clear();
        onCloud.clear();
        assertThat(server.get("/api/v1/batch/download-zip/" + batch).bytes()).hasSizeGreaterThan(4 << 20);
        assertThat(onDisk).isNotEmpty().allMatch(thread -> thread.startsWith("disk-on-disk-"));
        assertThat(onCloud).containsExactly("virtual");
    }

    @Test
    void whoWaitsForItsStorageIsNotIdle() {
        server.close();
        Executor slow = CompletableFuture.delayedExecutor(1500, TimeUnit.MILLISECONDS);
        server = new TestingServer(
                folder.resolve("slow"),
                Map.of(
                        "server.idle-timeout", "500ms",
                        "storages.there.kind", "cloud",
                        "storages.there.path", "there",
                        "storage", "there"),
                Map.of(
                        "local",
                        StorageKind.ALL.get("local"),
                        "cloud",
                        (site, storage) -> new WatchedStorage(local(site, storage), onCloud, "cloud", slow, () -> {})));
        byte[] content = bytes(SIZE);
        String id =
                initiated("slow.bin", content.length, "there").path("file_id").asText();
        assertThat(server.put(id, content).ok().path("status").asText()).isEqualTo("completed");
    }

    @Test
    void theStoragesAreListed() {
        JsonNode storages = server.get("/api/v1/storages").ok().path("storages");
        assertThat(storages).extracting(each -> each.path("name").asText()).containsExactly("disk", "local", "there");
        assertThat(storages).extracting(each -> each.path("kind").asText()).containsExactly("local", "local", "cloud");
        assertThat(storages)
                .extracting(each -> each.path("default").asBoolean())
                .containsExactly(true, false, false);
        assertThat(storages.path(0).path("place").asText())
                .isEqualTo(server.folder.resolve("on-disk").toString());
        assertThat(server.get("/api/v1/storages", "Accept", "text/plain").text())
                .contains("NAME", "PLACE", server.folder.resolve("old").toString());
    }

    @Test
    void aKindNamesItsOnlyStorage() {
        assertThat(server.get("/api/v1/upload/"
                                + initiated("k.bin", 0, "cloud").path("file_id").asText())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void anUnknownStorageIsRefusedWithThoseThatThereAreInEveryDoor() {
        String there = "there is no storage \"moon\"; there are: disk, local, there";
        assertThat(refused("moon")).isEqualTo(there);
        for (var answer : new TestingServer.Answer[] {
            server.post(
                    "/api/v1/batch/initiate",
                    "{\"storage\":\"moon\",\"files\":[{\"filename\":\"a\",\"size\":1,\"content_type\":\"text/plain\"}]}"),
            server.send(server.request("/files")
                    .header("Tus-Resumable", "1.0.0")
                    .header("Upload-Length", "1")
                    .header("Upload-Metadata", "storage " + base64("moon"))
                    .POST(BodyPublishers.noBody())),
            server.send(server.request("/api/v1/upload?filename=a&storage=moon").POST(BodyPublishers.ofString("a"))),
            form("?storage=moon", file("a.txt", letters(1))),
            form("", field("storage", "moon") + file("a.txt", letters(1)))
        }) {
            JsonNode problem = answer.problem(400, "invalid_request");
            assertThat(problem.path("detail").asText()).isEqualTo(there);
            assertThat(problem.path("field").asText()).isEqualTo("storage");
        }
    }

    private String refused(String storage) {
        return server.post("/api/v1/upload/initiate", initiation("a", 1, storage))
                .problem(400, "invalid_request")
                .path("detail")
                .asText();
    }

    private JsonNode initiated(String name, int size, String storage) {
        return server.post("/api/v1/upload/initiate", initiation(name, size, storage))
                .ok();
    }

    private static String initiation(String name, int size, String storage) {
        return TestingServer.JSON
                .createObjectNode()
                .put("filename", name)
                .put("size", size)
                .put("content_type", "text/plain")
                .put("storage", storage)
                .toString();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String field(String name, String value) {
        return "--XX\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static String file(String name, byte[] content) {
        return TestingServer.part("file", name, "text/plain", new String(content, StandardCharsets.US_ASCII));
    }

    private static byte[] letters(int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> String.valueOf((char) ('a' + n % 26)))
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.US_ASCII);
    }
}
