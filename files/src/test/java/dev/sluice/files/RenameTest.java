package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static dev.sluice.files.TestingDisk.frames;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// New names for files that stay where they are: chains and circles, too.
class RenameTest extends OnDisks {
    private static Renaming offset(long frames) {
        return new Renaming(null, frames, null, null, null, null, null);
    }

    @Test
    void allFramesMoveUpByOne() throws IOException {
        frames(disk.a, "shot", 1001, 1240);

        Job job = disk.done(disk.rename(offset(1), "a/shot.#.exr"));

        var expected = new TreeMap<String, String>();
        for (int frame = 1001; frame <= 1240; frame++) {
            expected.put("shot.%04d.exr".formatted(frame + 1), "shot " + frame);
        }
        assertThat(all(disk.a)).isEqualTo(expected);
        assertThat(disk.operations.report(job.id()).totals()).isEqualTo(Map.of("renamed", 240L));
    }

    @Test
    void andDownAgainByAnUndo() throws IOException {
        frames(disk.a, "shot", 1001, 1240);
        Map<String, String> before = all(disk.a);
        Job job = disk.done(disk.rename(offset(1), "a/shot.#.exr"));

        Job undone = disk.ended(disk.operations.undo(job.id(), Owner.LOCAL, null, null));

        assertThat(undone.error()).isNull();
        assertThat(all(disk.a)).isEqualTo(before);
    }

    @Test
    void twoFilesSwapTheirNames() throws IOException {
        file(disk.a.resolve("one"), "1");
        file(disk.a.resolve("two"), "2");
        file(disk.a.resolve("three"), "3");
        Path mapping = file(folder.resolve("swap.json"), """
                {"a/one": "a/two", "a/two": "a/one"}
                """);

        Job job = disk.done(disk.mapped(Verb.RENAME, mapping));

        assertThat(all(disk.a)).isEqualTo(Map.of("one", "2", "two", "1", "three", "3"));
        disk.ended(disk.operations.undo(job.id(), Owner.LOCAL, null, null));
        assertThat(all(disk.a)).isEqualTo(Map.of("one", "1", "two", "2", "three", "3"));
    }

    @Test
    void threeFilesGoRoundInACircle() throws IOException {
        file(disk.a.resolve("one"), "1");
        file(disk.a.resolve("two"), "2");
        file(disk.a.resolve("three"), "3");
        Path mapping = file(folder.resolve("round.csv"), "a/one;a/two\na/two;a/three\na/three;a/one\n");

        disk.done(disk.mapped(Verb.RENAME, mapping));

        assertThat(all(disk.a)).isEqualTo(Map.of("two", "1", "three", "2", "one", "3"));
    }

    @Test
    void whatIsSkippedKeepsItsNameAndWhoWantedThatIsSkippedToo() throws IOException {
        file(disk.a.resolve("one"), "1");
        file(disk.a.resolve("two"), "2");
        file(disk.a.resolve("three"), "3");
        Path mapping = file(folder.resolve("chain.csv"), "a/one;a/two\na/two;a/three\n");

        Job job = disk.done(disk.mapped(Verb.RENAME, mapping).policy(Policy.SKIP));

        assertThat(all(disk.a)).isEqualTo(Map.of("one", "1", "two", "2", "three", "3"));
        assertThat(disk.operations.report(job.id()).totals()).isEqualTo(Map.of("skipped", 2L));
    }

    @Test
    void whatHasItsNameAlreadyIsSkipped() throws IOException {
        file(disk.a.resolve("one"), "1");
        Path mapping = file(folder.resolve("same.csv"), "a/one;a/one\n");

        Job job = disk.done(disk.mapped(Verb.RENAME, mapping));

        assertThat(disk.operations.report(job.id()).totals()).isEqualTo(Map.of("skipped", 1L));
    }

    @Test
    void aFileThatAMappingNamesTwiceIsRefused() throws IOException {
        file(disk.a.resolve("one"), "1");
        Path mapping = file(folder.resolve("twice.csv"), "a/one;a/two\na/../a/one;a/three\n");

        Job job = disk.failed(disk.mapped(Verb.RENAME, mapping));

        assertThat(job.error())
                .satisfies(problem -> assertThat(problem.message())
                        .startsWith("twice.csv, line 2, column 1:")
                        .contains("a/one stands in line 1 already"));
        assertThat(all(disk.a)).isEqualTo(Map.of("one", "1"));
    }

    @Test
    void aNameThatIsTakenKeepsAllFromBeingRenamed() throws IOException {
        frames(disk.a, "shot", 1, 3);
        file(disk.a.resolve("shot.0004.exr"), "in the way");

        disk.failed(disk.rename(offset(1), "a/shot.1-3#.exr"));

        assertThat(all(disk.a))
                .isEqualTo(Map.of(
                        "shot.0001.exr", "shot 1",
                        "shot.0002.exr", "shot 2",
                        "shot.0003.exr", "shot 3",
                        "shot.0004.exr", "in the way"));
    }
}
