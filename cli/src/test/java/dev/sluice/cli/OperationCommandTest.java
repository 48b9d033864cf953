package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Operations that this process does itself, from the command's words to the files.
@NullMarked
@Timeout(60)
class OperationCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void frames() throws IOException {
        Files.createDirectories(at("data"));
        Files.writeString(at("data/sluice.yaml"), "operations:\n  port: 0\n");
        Files.createDirectories(at("a"));
        for (var frame = 1001; frame <= 1005; frame++) {
            Files.writeString(at("a/shot." + frame + ".exr"), "frame " + frame);
        }
    }

    // ---- Copies and moves

    @Test
    void aSequenceIsCopied() throws IOException {
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b") + "/")).isEqualTo(Exit.DONE);
        assertThat(names("b"))
                .containsExactly("shot.1001.exr", "shot.1002.exr", "shot.1003.exr", "shot.1004.exr", "shot.1005.exr");
        assertThat(Files.readString(at("b/shot.1003.exr"))).isEqualTo("frame 1003");
        assertThat(out.toString()).contains("5 copied", "shot.1001-1005#.exr → " + at("b") + "/shot.1001-1005#.exr");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void framesAreMovedToAnotherName() throws IOException {
        assertThat(run(
                        "move",
                        at("a/shot.1002-1004#.exr").toString(),
                        at("b/take.#.exr").toString()))
                .as(said())
                .isEqualTo(Exit.DONE);
        assertThat(names("a")).containsExactly("shot.1001.exr", "shot.1005.exr");
        assertThat(names("b")).containsExactly("take.1002.exr", "take.1003.exr", "take.1004.exr");
    }

    @Test
    void aMappingNamesSourcesAndTargets() throws IOException {
        Files.writeString(at("map.csv"), at("a/shot.1001.exr") + "," + at("a/first.exr") + "\n");
        assertThat(run("move", "--map", at("map.csv").toString())).as(said()).isEqualTo(Exit.DONE);
        assertThat(names("a")).contains("first.exr").doesNotContain("shot.1001.exr");
    }

    @Test
    void anErrorInAMappingSaysLineAndColumn() throws IOException {
        Files.writeString(at("map.csv"), at("a/shot.1001.exr") + "," + at("b/x.exr") + "\n" + at("a") + ",\n");
        assertThat(run("copy", "--map", at("map.csv").toString())).isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("map.csv").containsPattern("line 2, column \\d+");
        assertThat(at("b")).doesNotExist();
    }

    @Test
    void whatOneCommandCouldNotClearTheNextOneDoes() throws IOException, SQLException {
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b") + "/")).isEqualTo(Exit.DONE);
        var id = owing();
        var journal = at("data/operations/" + id + ".journal");
        Files.write(journal, notDone(3, Files.readAllLines(journal)));
        var part = at("b/.sluice-" + id + "-3.part");
        Files.writeString(part, "half a frame");

        assertThat(run("copy", at("a").toString(), at("c").toString())).isEqualTo(Exit.DONE);

        await().untilAsserted(() -> assertThat(part).doesNotExist());
        assertThat(names("b")).hasSize(5);
    }

    private static List<String> notDone(int step, List<String> journal) {
        return journal.stream()
                .filter(line -> !line.startsWith("D\t" + step + "\t"))
                .toList();
    }

    /// Has the one operation that there is owe its clean-up, as if its disk had gone away meanwhile.
    ///
    /// @return its id
    private String owing() throws SQLException {
        try (var database = DriverManager.getConnection("jdbc:sqlite:" + at("data/state.db"));
                var statement = database.createStatement()) {
            statement.execute("""
                    INSERT INTO debts (id, job, number, type, due, detail, created, attempts, not_before)
                    SELECT id, id, 1, 'operation', 'ended', '{"operation":"copy"}', 0, 1, 0 FROM jobs
                    """);
            try (var jobs = statement.executeQuery("SELECT id FROM jobs")) {
                return jobs.getString(1);
            }
        }
    }

    @Test
    void aTargetThatIsThereIsARefusal() throws IOException {
        Files.createDirectories(at("b"));
        Files.writeString(at("b/shot.1004.exr"), "old");
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b").toString()))
                .isEqualTo(Exit.REFUSED);
        assertThat(err.toString()).contains("shot.1004.exr is there already", "nothing was touched");
        assertThat(names("b")).containsExactly("shot.1004.exr");
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b").toString(), "--policy", "skip"))
                .isEqualTo(Exit.DONE);
        assertThat(Files.readString(at("b/shot.1004.exr"))).isEqualTo("old");
        assertThat(out.toString()).contains("4 copied", "1 skipped");
    }

    @Test
    void aFileThatFailsFailsTheCommandAndTheOthersArrive() {
        assertThat(run(
                        "copy",
                        at("a/shot.1001.exr").toString(),
                        at("a/nobody.exr").toString(),
                        at("b") + "/"))
                .as(said())
                .isEqualTo(Exit.FAILED);
        assertThat(out.toString() + err)
                .contains("1 failed, 1 copied", "there is no", "failed " + at("a/nobody.exr") + "\n");
        assertThat(at("b/shot.1001.exr")).exists();
    }

    @Test
    void aFolderIsNotReplacedByAFile() throws IOException {
        Files.createDirectories(at("b/shot.1002.exr/inside"));
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b").toString(), "--policy", "overwrite"))
                .as(said())
                .isEqualTo(Exit.REFUSED);
        assertThat(out.toString() + err).contains("shot.1002.exr");
        assertThat(at("b/shot.1002.exr/inside")).isDirectory();
    }

    @Test
    void anIdOfOnesOwnIsTakenOnce() {
        assertThat(run("copy", at("a").toString(), at("b").toString(), "--batch-id", "shoot-7"))
                .isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("copy shoot-7: 5 files");
        assertThat(run("copy", at("a").toString(), at("c").toString(), "--batch-id", "shoot-7"))
                .isEqualTo(Exit.REFUSED);
    }

    // ---- Plans

    @Test
    void aPlanTouchesNothing() throws IOException {
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b") + "/", "--plan"))
                .isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("would copy 5 files", "shot.1001-1005#.exr");
        assertThat(at("b")).doesNotExist();
        assertThat(names("data")).containsExactly("sluice.yaml");
    }

    @Test
    void aPlanThatIsBlockedSaysByWhat() throws IOException {
        Files.createDirectories(at("b"));
        Files.writeString(at("b/shot.1004.exr"), "old");
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b").toString(), "--plan"))
                .isEqualTo(Exit.REFUSED);
        assertThat(out.toString()).contains("blocked: target_exists: " + at("b/shot.1004.exr"));
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b").toString(), "--plan", "--json"))
                .isEqualTo(Exit.REFUSED);
        assertThat(lines().getLast().path("blocked").asBoolean()).isTrue();
        assertThat(lines().getLast().at("/conflicts/0/kind").asText()).isEqualTo("target_exists");
    }

    // ---- Renames and what is taken back

    @Test
    void framesAreMovedByOneAndBack() throws IOException {
        assertThat(run("rename", at("a/shot.#.exr").toString(), "--offset", "1", "--batch-id", "renumber"))
                .isEqualTo(Exit.DONE);
        assertThat(names("a"))
                .containsExactly("shot.1002.exr", "shot.1003.exr", "shot.1004.exr", "shot.1005.exr", "shot.1006.exr");
        assertThat(Files.readString(at("a/shot.1006.exr"))).isEqualTo("frame 1005");
        assertThat(run("undo", "renumber")).as(said()).isEqualTo(Exit.DONE);
        assertThat(Files.readString(at("a/shot.1005.exr"))).isEqualTo("frame 1005");
        assertThat(names("a")).hasSize(5).contains("shot.1001.exr");
    }

    @Test
    void ofTwoWordsTheSecondIsTheNewName() throws IOException {
        assertThat(run("rename", at("a/shot.#.exr").toString(), "take.#.exr")).isEqualTo(Exit.DONE);
        assertThat(names("a")).contains("take.1001.exr").hasSize(5);
        assertThat(run("rename", at("a/take.1001.exr").toString(), "first.exr")).isEqualTo(Exit.DONE);
        assertThat(names("a")).contains("first.exr").hasSize(5);
        assertThat(run("rename", at("a/first.exr").toString(), at("b/x.exr").toString()))
                .isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("sluice move");
    }

    @Test
    void whatIsNotKnownOrLeftNothingIsNotTakenBack() {
        assertThat(run("undo", "nobody-knows-it")).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("copy", at("a").toString(), at("b").toString(), "--batch-id", "a-copy"))
                .isEqualTo(Exit.DONE);
        assertThat(run("undo", "a-copy")).isEqualTo(Exit.REFUSED);
        assertThat(run("report", "nobody-knows-it")).isEqualTo(Exit.NOT_FOUND);
    }

    // ---- What is told

    @Test
    void everyDocumentIsToTheLetter() {
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b") + "/", "--json", "--batch-id", "b.1"))
                .isEqualTo(Exit.DONE);
        var documents = lines();
        assertThat(documents.getFirst().toString())
                .isEqualTo("{\"batch_id\":\"b.1\",\"totalFiles\":5,\"totalBytes\":50}");
        var progress = documents.subList(1, documents.size() - 1);
        assertThat(progress).isNotEmpty().allSatisfy(document -> {
            assertThat(fields(document))
                    .containsExactly(
                            "type",
                            "batch_id",
                            "filesProcessed",
                            "totalFiles",
                            "progressPercentage",
                            "currentFile",
                            "status",
                            "timestamp",
                            "speed",
                            "operationType");
            assertThat(document.path("type").asText()).isEqualTo("progress");
            assertThat(document.path("operationType").asText()).isEqualTo("copy");
            assertThat(document.path("timestamp").isIntegralNumber()).isTrue();
        });
        assertThat(progress.getLast().path("status").asText()).isEqualTo("completed");
        assertThat(progress.getLast().path("filesProcessed").asInt()).isEqualTo(5);
        assertThat(progress.getLast().path("progressPercentage").asDouble()).isEqualTo(100);
        var report = documents.getLast();
        assertThat(report.path("success").asBoolean()).isTrue();
        assertThat(report.path("batch_id").asText()).isEqualTo("b.1");
        assertThat(report.at("/totals/copied").asInt()).isEqualTo(5);
        assertThat(report.path("files")).hasSize(5);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aRefusalIsADocument() throws IOException {
        Files.createDirectories(at("b"));
        Files.writeString(at("b/shot.1004.exr"), "old");
        assertThat(run("copy", at("a/shot.#.exr").toString(), at("b").toString(), "--json"))
                .isEqualTo(Exit.REFUSED);
        assertThat(lines()).singleElement().satisfies(document -> {
            assertThat(document.path("success").asBoolean(true)).isFalse();
            assertThat(document.path("code").asText()).isEqualTo("conflict");
        });
    }

    @Test
    void theReportIsWrittenAsCsvAndAsJson() throws IOException {
        assertThat(run(
                        "copy",
                        at("a").toString(),
                        at("b").toString(),
                        "--report",
                        at("report.csv").toString()))
                .isEqualTo(Exit.DONE);
        assertThat(Files.readAllLines(at("report.csv")))
                .hasSize(6)
                .startsWith("source,target,state,bytes,millis,rate,hash,code,error")
                .anyMatch(line -> line.startsWith(
                        "\"" + at("a/shot.1001.exr") + "\",\"" + at("b/shot.1001.exr") + "\",\"copied\",10,"));
        assertThat(run(
                        "copy",
                        at("a").toString(),
                        at("c").toString(),
                        "--report",
                        at("report.json").toString()))
                .isEqualTo(Exit.DONE);
        assertThat(Json.parse(Files.readString(at("report.json"))).path("files"))
                .hasSize(5);
        assertThat(run(
                        "copy",
                        at("a").toString(),
                        at("d").toString(),
                        "--report",
                        at("report.txt").toString()))
                .isEqualTo(Exit.USAGE);
        assertThat(at("d")).doesNotExist();
    }

    @Test
    void theReportIsToldLater() {
        assertThat(run("copy", at("a").toString(), at("b").toString(), "--batch-id", "later"))
                .isEqualTo(Exit.DONE);
        assertThat(run("report", "later", "--csv")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("source,target,state").contains("shot.1005.exr\",\"copied\"");
        assertThat(run("report", "later")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("copy completed: 5 copied");
    }

    // ---- Verifying

    @Test
    void aChangedFileIsFoundByItsManifest() throws IOException {
        assertThat(run("copy", at("a") + "/", at("b").toString(), "--verify", "--mhl"))
                .as(said())
                .isEqualTo(Exit.DONE);
        assertThat(run("verify", at("b").toString())).as(said()).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("verified 5 files");
        Files.writeString(at("b/shot.1003.exr"), "frame 1oo3");
        assertThat(run("verify", at("b").toString(), "--json")).isEqualTo(Exit.FAILED);
        var result = lines().getLast();
        assertThat(result.path("success").asBoolean(true)).isFalse();
        assertThat(result.path("findings")).hasSize(1);
        assertThat(result.at("/findings/0/path").asText()).isEqualTo("shot.1003.exr");
        assertThat(result.at("/findings/0/state").asText()).isEqualTo("changed");
    }

    @Test
    void aFolderWithoutManifestsIsNotFound() {
        assertThat(run("verify", at("a").toString())).isEqualTo(Exit.NOT_FOUND);
        assertThat(err.toString()).contains("--mhl");
        assertThat(run("verify", at("nowhere").toString())).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void aSourceIsNoHash() {
        assertThat(run("copy", "--verify", at("a/shot.1001.exr").toString(), at("b") + "/"))
                .as(said())
                .isEqualTo(Exit.DONE);
        assertThat(run("copy", "--verify", "md5", at("a/shot.1001.exr").toString(), at("c") + "/", "--json"))
                .isEqualTo(Exit.DONE);
        assertThat(lines().getLast().at("/files/0/hash").asText()).startsWith("md5:");
    }

    // ---- Usage

    @ParameterizedTest
    @ValueSource(
            strings = {
                "copy",
                "copy x",
                "copy --map m.csv x y",
                "copy x y --bwlimit fast",
                "copy x y --verify=crc",
                "copy x y --policy perhaps",
                "copy x y --batch-id a/b",
                "rename",
                "rename x",
                "rename x --with y",
                "rename x --to take.1-10#.exr",
                "rename --map m.csv --offset 1",
                "undo",
                "verify",
                "report x --csv --json",
            })
    void whatCannotBeMeantIsUsage(String words) {
        assertThat(run(words.split(" "))).isEqualTo(Exit.USAGE);
        assertThat(at("data/state.db")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"copy", "move", "rename", "undo", "report", "verify"})
    void everyCommandTeachesByExample(String command) {
        assertThat(run(command, "--help")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("Example", "--data", "--json", "--config");
    }

    // ---- Ours

    private Path at(String path) {
        return folder.resolve(path);
    }

    private String said() {
        return out + "" + err;
    }

    private List<String> names(String where) throws IOException {
        try (Stream<Path> files = Files.list(at(where))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// The documents of the last command.
    private List<JsonNode> lines() {
        var documents = new ArrayList<JsonNode>();
        out.toString()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(Json::parse)
                .forEach(documents::add);
        return documents;
    }

    private static List<String> fields(JsonNode document) {
        var names = new ArrayList<String>();
        document.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--data", at("data").toString()));
        return Main.run(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    }
}
