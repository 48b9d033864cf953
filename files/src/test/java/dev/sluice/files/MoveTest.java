package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static dev.sluice.files.TestingDisk.frames;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.Meter;
import dev.sluice.core.Owner;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Moves: by a rename where that is one, else by a copy after which the source goes.
class MoveTest extends OnDisks {
    @Test
    void onOneDiskItIsARename() throws IOException {
        Path source = file(disk.a.resolve("s/f"), "x");
        Stat.Identity before = Stat.of(source).identity();
        Map<String, String> there = all(disk.a);

        disk.done(disk.move("b/", "a/s"));

        assertThat(all(disk.a)).isEmpty();
        assertThat(all(disk.b)).isEqualTo(there);
        assertThat(Stat.of(disk.b.resolve("s/f")).identity()).isEqualTo(before);
    }

    @Test
    void whatWasToBeVerifiedAndIsOnlyRenamedIsTold() throws IOException {
        file(disk.a.resolve("f"), "x");

        Job job = disk.done(disk.move("b/", "a/f").manifest());

        assertThat(disk.state.events().read(0, disk.state.events().position(), job.id(), 100))
                .filteredOn(event -> event.type() == EventType.NOTE)
                .singleElement()
                .satisfies(event -> assertThat(event.data().json()).contains("not_verified"));
    }

    @Test
    void aSecondNameStandsInTheManifestToo() throws IOException {
        Path first = file(disk.a.resolve("s/1"), "x");
        Files.createLink(disk.a.resolve("s/2"), first);

        disk.done(disk.move(disk.far + "/", "a/s").manifest());

        assertThat(Files.isSameFile(disk.far.resolve("s/1"), disk.far.resolve("s/2")))
                .isTrue();
        assertThat(new FolderVerification(
                                disk.far.resolve("s"),
                                1,
                                FolderVerification.BeforeReading.NOTHING,
                                new StopToken(),
                                new Meter())
                        .run()
                        .clean())
                .isTrue();
    }

    @Test
    void ontoAnotherDiskTheSourceGoesLast() throws IOException {
        frames(disk.a.resolve("s"), "shot", 1001, 1100);
        file(disk.a.resolve("s/deep/x"), "x");
        Files.createSymbolicLink(disk.a.resolve("s/link"), Path.of("deep/x"));
        Map<String, String> there = all(disk.a);

        Job job = disk.done(disk.move(disk.far + "/", "a/s"));

        assertThat(all(disk.a)).isEmpty();
        assertThat(all(disk.far)).isEqualTo(there);
        assertThat(disk.operations.report(job.id()).totals()).isEqualTo(Map.of("moved", 102L));
        disk.nothingIsOwed();
    }

    @Test
    void aFolderThatIsThereTakesInWhatIsNew() throws IOException {
        file(disk.a.resolve("s/new"), "new");
        file(disk.b.resolve("s/old"), "old");

        disk.done(disk.move("b/", "a/s"));

        assertThat(all(disk.a)).isEmpty();
        assertThat(all(disk.b)).isEqualTo(Map.of("s/", "", "s/new", "new", "s/old", "old"));
    }

    @Test
    void whatIsSkippedIsNotDeleted() throws IOException {
        file(disk.a.resolve("s/f"), "new");
        file(disk.a.resolve("s/g"), "g");
        file(disk.far.resolve("s/f"), "old");

        disk.done(disk.move(disk.far + "/", "a/s").policy(Policy.SKIP));

        assertThat(all(disk.a)).isEqualTo(Map.of("s/", "", "s/f", "new"));
        assertThat(all(disk.far)).isEqualTo(Map.of("s/", "", "s/f", "old", "s/g", "g"));
    }

    @Test
    void aMoveIsUndone() throws IOException {
        frames(disk.a.resolve("s"), "shot", 1, 10);
        Map<String, String> there = all(disk.a);
        for (Path target : java.util.List.of(disk.b, disk.far)) {
            Job moved = disk.done(disk.move(target + "/", "a/s"));
            assertThat(all(disk.a)).isEmpty();

            Job undone = disk.ended(disk.operations.undo(moved.id(), Owner.LOCAL, null, null));

            assertThat(undone.error()).isNull();
            assertThat(all(disk.a)).isEqualTo(there);
            assertThat(all(target)).isEmpty();
        }
    }

    @Test
    void aCopyIsNotUndone() throws IOException {
        file(disk.a.resolve("f"), "x");
        Job copied = disk.done(disk.copy("b/", "a/f"));

        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> disk.operations.undo(copied.id(), Owner.LOCAL, null, null))
                .hasMessageContaining("a copy has left its sources where they were");
    }

    @Test
    void whenAnOperationIsForgottenSoIsItsJournal() throws IOException {
        file(disk.a.resolve("f"), "x");
        Job job = disk.done(disk.move("b/", "a/f"));
        Path journal = folder.resolve("operations").resolve(job.id() + ".journal");
        assertThat(journal).exists();

        disk.engine.remove(job.id(), Operations.journal(job));

        disk.nothingIsOwed();
        assertThat(journal).doesNotExist();
    }

    @Test
    void aMoveIntoItselfIsRefused() throws IOException {
        file(disk.a.resolve("s/f"), "x");

        Job job = disk.failed(disk.move("a/s/deeper/", "a/s"));

        assertThat(job.error()).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.CONFLICT);
            assertThat(problem.message()).contains("lies in its own source");
        });
        assertThat(all(disk.a)).isEqualTo(Map.of("s/", "", "s/f", "x"));
    }
}
