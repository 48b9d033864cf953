package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the page asks for beside the jobs: folders, storages to be tried, sums.
@Timeout(60)
class PageRoutesTest {
    @TempDir
    Path folder;

    private Path root;
    private TestingServer server;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(folder.resolve("root"));
        server = new TestingServer(
                Files.createDirectory(folder.resolve("data")), Map.of("files.roots", root.toString()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aFolderIsListedWithItsSequencesFoldedAndItsFoldersFirst() throws IOException {
        for (int frame : List.of(1001, 1002, 1003, 1006)) {
            Files.writeString(root.resolve("shot." + frame + ".exr"), "frame");
        }
        Files.writeString(root.resolve("notes.txt"), "some notes");
        Files.createDirectory(root.resolve("take1"));
        Files.createDirectory(root.resolve("take2"));
        Files.createSymbolicLink(root.resolve("out"), Path.of("/etc"));
        JsonNode listed = server.get("/api/v1/folders?path=" + root).json();
        assertThat(lines(listed))
                .containsExactly(
                        "folder take1",
                        "folder take2",
                        "file notes.txt",
                        "link out",
                        "sequence shot.1001-1003,1006#.exr");
        JsonNode sequence = listed.path("entries").path(4);
        assertThat(sequence.path("files").asInt()).isEqualTo(4);
        assertThat(sequence.path("bytes").asLong()).isEqualTo(20);
        assertThat(sequence.path("missing").asText()).isEqualTo("1004-1005");
        assertThat(server.get("/api/v1/roots").json().path("roots").path(0).asText())
                .isEqualTo(root.toString());
    }

    @ParameterizedTest
    @CsvSource({"'',400", "relative,400", "/etc,403", "%ROOT%/../data,403", "%ROOT%/none,404", "%ROOT%/out,403"})
    void onlyFoldersOfTheRootsAreListed(String path, int status) throws IOException {
        Files.createSymbolicLink(root.resolve("out"), folder.resolve("data"));
        String asked = path.replace("%ROOT%", root.toString());
        assertThat(server.get("/api/v1/folders?path=" + asked).status()).isEqualTo(status);
    }

    @Test
    void aStorageIsTriedStepByStepAndNothingStays() throws IOException {
        JsonNode trial = server.post("/api/v1/storages/local/test", "").json();
        assertThat(trial.path("works").asBoolean()).as(trial.toString()).isTrue();
        assertThat(trial.path("steps").size()).isGreaterThan(3);
        try (var left = Files.list(server.folder.resolve("files"))) {
            assertThat(left).isEmpty();
        }
        server.post("/api/v1/storages/none/test", "").problem(404, "not_found");
    }

    @Test
    void sumsTellWhatHasEnded() {
        assertThat(server.post("/api/v1/upload?filename=a.txt", "some bytes").status())
                .isEqualTo(201);
        JsonNode insight = server.get("/api/v1/insight?days=7").json();
        assertThat(insight.path("kinds").path(0).path("kind").asText()).isEqualTo("upload");
        assertThat(insight.path("days").path(0).path("jobs").path("completed").asInt())
                .isEqualTo(1);
        assertThat(insight.path("days").path(0).path("bytes").asLong()).isEqualTo(10);
        assertThat(insight.has("cancels")).isFalse();
        server.get("/api/v1/insight?days=0").problem(400, "invalid_request");
    }

    private static List<String> lines(JsonNode listed) {
        return StreamSupport.stream(listed.path("entries").spliterator(), false)
                .map(entry ->
                        entry.path("kind").asText() + " " + entry.path("name").asText())
                .toList();
    }
}
