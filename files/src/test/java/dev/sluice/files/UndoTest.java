package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What an operation has done is taken back, and nothing else.
class UndoTest extends OnDisks {
    @Test
    void anotherFileUnderTheSameNameStays() throws IOException {
        for (Path target : List.of(disk.b, disk.far)) {
            file(disk.a.resolve("f"), "f");
            file(disk.a.resolve("g"), "g");
            Job moved = disk.done(disk.move(target + "/", "a/f", "a/g"));
            Files.move(target.resolve("f"), target.resolve("kept"));
            file(target.resolve("f"), "somebody else's");

            Job undone = disk.ended(disk.operations.undo(moved.id(), Owner.LOCAL, null, null));

            assertThat(undone.error()).satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.FILES_FAILED);
                assertThat(problem.message()).contains("f is not what was put there, and stays");
            });
            assertThat(all(disk.a)).isEqualTo(Map.of("g", "g"));
            assertThat(all(target)).isEqualTo(Map.of("f", "somebody else's", "kept", "f"));
            Files.delete(disk.a.resolve("g"));
        }
    }

    /// As a cancel leaves it that comes among the sources of a move.
    @Test
    void whatHasNotGoneIsPassedOver() throws IOException {
        Step gone = move("gone").numbered(0);
        Step stayed = move("stayed").numbered(1);
        Job moved = disk.done(disk.move(disk.far + "/", "a/gone", "a/stayed"));
        file(disk.a.resolve("stayed"), "stayed");
        Path file = folder.resolve("operations").resolve(moved.id() + ".journal");
        Files.delete(file);
        try (Journal journal = Journal.open(file)) {
            journal.plan(List.of(gone, stayed.found(Stat.of(stayed.source()))), false);
            journal.group()
                    .done(gone, Duration.ZERO, null)
                    .done(stayed, Duration.ZERO, null)
                    .leaving(gone)
                    .leaving(stayed)
                    .left(gone)
                    .write();
        }

        Job undone = disk.ended(disk.operations.undo(moved.id(), Owner.LOCAL, null, null));

        assertThat(undone.error()).isNull();
        assertThat(all(disk.a)).isEqualTo(Map.of("gone", "gone", "stayed", "stayed"));
        assertThat(all(disk.far)).isEqualTo(Map.of("stayed", "stayed"));
        assertThat(disk.operations.report(undone.id()).totals()).isEqualTo(Map.of("moved", 1L, "skipped", 1L));
    }

    @Test
    void aDiskThatHasAnotherNumberByNowIsKnownAgain() throws IOException {
        Stat before = Stat.of(file(disk.a.resolve("f"), "f"));
        Job moved = disk.done(disk.move("b/", "a/f"));
        Path file = folder.resolve("operations").resolve(moved.id() + ".journal");
        Files.delete(file);
        var elsewhere =
                new Stat(before.size(), before.modifiedNanos(), before.device() + 1, before.inode(), before.mode(), 1);
        Step step = Step.of(Act.RENAME, disk.a.resolve("f"), disk.b.resolve("f"), elsewhere)
                .numbered(0);
        try (Journal journal = Journal.open(file)) {
            journal.plan(List.of(step), false);
            journal.group().done(step, Duration.ZERO, null).write();
        }

        Job undone = disk.ended(disk.operations.undo(moved.id(), Owner.LOCAL, null, null));

        assertThat(undone.error()).isNull();
        assertThat(all(disk.a)).isEqualTo(Map.of("f", "f"));
    }

    private Step move(String name) throws IOException {
        Path source = file(disk.a.resolve(name), name);
        return Step.of(Act.COPY, source, disk.far.resolve(name), Stat.of(source));
    }

    @Test
    void whatWasRenamedGoesBackAlsoWhereItWasWrittenToSince() throws IOException {
        file(disk.a.resolve("f"), "f");
        Job moved = disk.done(disk.move("b/", "a/f"));
        Files.writeString(disk.b.resolve("f"), "f, and more");

        Job undone = disk.ended(disk.operations.undo(moved.id(), Owner.LOCAL, null, null));

        assertThat(undone.error()).isNull();
        assertThat(all(disk.a)).isEqualTo(Map.of("f", "f, and more"));
    }
}
