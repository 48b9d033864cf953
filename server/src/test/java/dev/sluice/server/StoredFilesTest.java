package dev.sluice.server;

import static dev.sluice.server.TestingServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import dev.sluice.server.TestingServer.File;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Stored bytes on their way out: one file, a batch as ZIP.
@Timeout(60)
class StoredFilesTest {
    private static final int SIZE = 700_000;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    static TestingServer server;

    @SuppressWarnings("NullAway.Init")
    static String stream;

    @SuppressWarnings("NullAway.Init")
    static String zip;

    @BeforeAll
    static void start() {
        server = new TestingServer(folder, Map.of());
        stream = "/api/v1/download/stream/"
                + server.uploaded("content.bin", bytes(SIZE)).id();
        String batch = server.batch(3, 1000);
        JsonNode ids = server.get("/api/v1/batches/" + batch).ok().path("file_ids");
        server.put(ids.path(0).asText(), bytes(1000)).ok();
        server.put(ids.path(2).asText(), bytes(1000)).ok();
        zip = "/api/v1/batch/download-zip/" + batch;
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aFileComesBackWhole() {
        Answer whole = server.get(stream);
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.bytes()).isEqualTo(bytes(SIZE));
        assertThat(whole.header("ETag")).matches("\"[^\"]+\"");
        assertThat(whole.header("Accept-Ranges")).isEqualTo("bytes");
        assertThat(whole.header("Content-Type")).isEqualTo("text/plain");
        assertThat(whole.header("Content-Disposition")).isEqualTo("attachment; filename=\"content.bin\"");
        assertThat(whole.header("Last-Modified")).endsWith("GMT");
    }

    @Test
    void headTellsTheLengthWithoutTheBytes() {
        for (String path : new String[] {stream, zip}) {
            Answer head = server.head(path);
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.bytes()).isEmpty();
            assertThat(head.header("Content-Length"))
                    .isEqualTo(Integer.toString(server.get(path).bytes().length));
            assertThat(head.header("ETag")).isEqualTo(server.get(path).header("ETag"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0-0,0,1",
        "0-99,0,100",
        "699999-,699999,1",
        "-10,699990,10",
        "300000-9999999,300000,400000",
        "-9999999,0,700000"
    })
    void aRangeIsAnsweredInPart(String range, int first, int length) {
        Answer part = server.get(stream, "Range", "bytes=" + range);
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("Content-Range")).isEqualTo("bytes " + first + "-" + (first + length - 1) + "/" + SIZE);
        assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(bytes(SIZE), first, first + length));
    }

    @ParameterizedTest
    @CsvSource({"bytes=700000-", "bytes=-0"})
    void aRangeBeyondTheEndCannotBeHad(String range) {
        Answer refused = server.get(stream, "Range", range);
        refused.problem(416, "invalid_request");
        assertThat(refused.header("Content-Range")).isEqualTo("bytes */" + SIZE);
        assertThat(server.get(zip, "Range", "bytes=99999999-").status()).isEqualTo(416);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"bytes=5-2", "lines=1-2", "bytes=0-1,5-6", "nonsense"})
    void whatIsNoRangeIsAnsweredWithAll(String range) {
        assertThat(server.get(stream, "Range", range).status()).isEqualTo(200);
    }

    @Test
    void aRangeCountsOnlyForTheContentThatTheClientHas() {
        Answer whole = server.get(stream);
        for (String valid : new String[] {whole.header("ETag"), whole.header("Last-Modified")}) {
            assertThat(server.get(stream, "Range", "bytes=0-9", "If-Range", valid)
                            .status())
                    .as(valid)
                    .isEqualTo(206);
        }
        for (String other :
                new String[] {"\"other\"", "W/" + whole.header("ETag"), "Mon, 01 Jan 2001 00:00:00 GMT", "x"}) {
            Answer all = server.get(stream, "Range", "bytes=0-9", "If-Range", other);
            assertThat(all.status()).as(other).isEqualTo(200);
            assertThat(all.bytes()).hasSize(SIZE);
        }
    }

    @Test
    void aFileThatHasNotCompletedIsAConflict() {
        File file = server.announce("open.bin", 10);
        JsonNode refused = server.get("/api/v1/download/stream/" + file.id()).problem(409, "conflict");
        assertThat(refused.path("state").asText()).isEqualTo("pending");
        server.post("/api/v1/jobs/" + file.id() + "/cancel").ok();
        assertThat(server.get("/api/v1/download/stream/" + file.id())
                        .problem(409, "conflict")
                        .path("state")
                        .asText())
                .isEqualTo("cancelled");
        assertThat(server.head("/api/v1/download/stream/" + file.id()).status()).isEqualTo(409);
    }

    @Test
    void aFileWhoseContentIsGoneIsNotFound() throws IOException {
        File file = server.uploaded("vanished.bin", bytes(10));
        java.nio.file.Files.delete(folder.resolve("files/vanished.bin"));
        server.get("/api/v1/download/stream/" + file.id()).problem(404, "not_found");
    }

    @Test
    void anotherUploadUnderTheNameOfALostFileIsNeitherSentForItNorDeletedWithIt() throws IOException {
        File lost = server.uploaded("reused.bin", bytes(10));
        java.nio.file.Files.delete(folder.resolve("files/reused.bin"));
        File other = server.uploaded("reused.bin", bytes(20));
        server.get("/api/v1/download/stream/" + lost.id()).problem(409, "source_changed");
        assertThat(server.delete("/api/v1/jobs/" + lost.id() + "?content=true").status())
                .isEqualTo(204);
        assertThat(server.get("/api/v1/download/stream/" + other.id()).bytes()).isEqualTo(bytes(20));
    }

    @Test
    void aFileThatWasCutShortIsNotSent() throws IOException {
        File file = server.uploaded("cut.bin", bytes(20));
        java.nio.file.Files.write(folder.resolve("files/cut.bin"), bytes(5));
        server.get("/api/v1/download/stream/" + file.id()).problem(409, "source_changed");
    }

    @Test
    void aBatchComesAsZipWithoutItsUnfinishedFiles() throws IOException {
        Answer whole = server.get(zip);
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.header("Content-Type")).isEqualTo("application/zip");
        assertThat(Integer.parseInt(whole.header("Content-Length"))).isEqualTo(whole.bytes().length);
        var entries = new HashMap<String, byte[]>();
        try (var in = new ZipInputStream(new ByteArrayInputStream(whole.bytes()))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        assertThat(entries).containsOnlyKeys("f0.bin", "f2.bin");
        assertThat(entries.get("f2.bin")).isEqualTo(bytes(1000));
    }

    @Test
    void aRangeOfAZipIsThatPartOfIt() {
        byte[] whole = server.get(zip).bytes();
        Answer part = server.get(zip, "Range", "bytes=500-1499");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(whole, 500, 1500));
    }

    @Test
    void aZipOfWhichAFileIsMissingIsRefusedBeforeItBegins() throws IOException {
        String batch = server.batch(2, 10);
        JsonNode ids = server.get("/api/v1/batches/" + batch).ok().path("file_ids");
        server.put(ids.path(0).asText(), bytes(10)).ok();
        server.put(ids.path(1).asText(), bytes(10)).ok();
        String location = server.get("/api/v1/upload/" + ids.path(0).asText())
                .ok()
                .path("storage_location")
                .asText();
        java.nio.file.Files.delete(folder.resolve("files/" + location.substring("local:".length())));

        Answer refused = server.get("/api/v1/batch/download-zip/" + batch);
        JsonNode problem = refused.problem(404, "not_found");
        assertThat(problem.path("file_id").asText()).isEqualTo(ids.path(0).asText());
        assertThat(problem.path("detail").asText()).contains("f0.bin");
        assertThat(refused.header("ETag") + refused.header("Content-Disposition"))
                .isEmpty();
        assertThat(server.head("/api/v1/batch/download-zip/" + batch).status()).isEqualTo(404);
        assertThat(server.head("/api/v1/download/stream/" + ids.path(0).asText())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aBatchWithoutFinishedFilesIsAnEmptyZip() {
        Answer empty = server.get("/api/v1/batch/download-zip/" + server.batch(1, 5));
        assertThat(empty.status()).isEqualTo(200);
        assertThat(empty.bytes()).hasSizeGreaterThanOrEqualTo(22);
    }
}
