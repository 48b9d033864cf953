package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static dev.sluice.files.TestingDisk.frames;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Cancels, pauses and crashes in the middle of operations.
class OperationStopTest extends OnDisks {
    @Test
    void aCancelInTheMiddleOfAFileLeavesNothingOfIt() throws IOException {
        file(disk.a.resolve("big"), 24_000_000);
        Job job = disk.begin(disk.copy("b/big", "a/big").bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        disk.cancel(job);

        disk.nothingIsOwed();
        assertThat(all(disk.b)).isEmpty();
        assertThat(disk.now(job).state()).isEqualTo(JobState.CANCELLED);
        assertThat(all(disk.a)).containsOnlyKeys("big");
    }

    @Test
    void aCancelledOverwriteLeavesTheOldFile() throws IOException {
        file(disk.a.resolve("big"), 24_000_000);
        file(disk.b.resolve("big"), "old");
        Job job =
                disk.begin(disk.copy("b/big", "a/big").policy(Policy.OVERWRITE).bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        disk.cancel(job);

        disk.nothingIsOwed();
        assertThat(all(disk.b)).isEqualTo(Map.of("big", "old"));
    }

    @Test
    void whatIsFinishedStaysOrIsTakenBackAsAsked() throws IOException {
        file(disk.a.resolve("s/x/first"), "1");
        file(disk.a.resolve("s/y/second"), 24_000_000);
        Path first = file(disk.b.resolve("s/x/first"), "old");
        for (boolean rollback : new boolean[] {true, false}) {
            var asking = disk.copy("b/", "a/s").policy(Policy.OVERWRITE).bandwidth(16_000_000);
            Job job = disk.begin(rollback ? asking.rollback() : asking);
            disk.awaitBytes(job, 2_000_000);
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> Files.readString(first).equals("1"));

            disk.cancel(job);

            disk.nothingIsOwed();
            assertThat(all(disk.b))
                    .isEqualTo(
                            rollback
                                    ? Map.of("s/", "", "s/x/", "", "s/x/first", "old")
                                    : Map.of("s/", "", "s/x/", "", "s/x/first", "1", "s/y/", ""));
        }
    }

    @Test
    void aCancelWhileADigestIsTakenLeavesNothingOfIt() throws IOException {
        file(disk.a.resolve("big"), 24_000_000);
        Job job = disk.begin(disk.copy("b/big", "a/big").verify(HashKind.SHA256).bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        disk.cancel(job);

        disk.nothingIsOwed();
        assertThat(all(disk.b)).isEmpty();
    }

    @Test
    void aRollbackPutsMovedFilesBack() throws IOException {
        frames(disk.a.resolve("s"), "shot", 1, 200);
        file(disk.a.resolve("s/zlast"), 24_000_000);
        Map<String, String> before = all(disk.a);
        Job job = disk.begin(disk.move(disk.far + "/", "a/s").rollback().bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        disk.cancel(job);

        disk.nothingIsOwed();
        assertThat(all(disk.a)).isEqualTo(before);
        assertThat(all(disk.far)).isEmpty();
    }

    @Test
    void aRollbackRemovesTheFoldersThatWereMadeAboveTheTarget() throws IOException {
        file(disk.a.resolve("big"), 24_000_000);
        Job job = disk.begin(disk.copy("b/new/deep/", "a/big").rollback().bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);
        disk.crashAndRestart();
        disk.awaitBytes(job, 4_000_000);

        disk.cancel(job);

        disk.nothingIsOwed();
        assertThat(all(disk.b)).isEmpty();
    }

    @Test
    void aMoveWithRollbackThatCompletesLeavesNoSource() throws IOException {
        frames(disk.a.resolve("s"), "shot", 1, 200);
        Map<String, String> before = all(disk.a);

        disk.done(disk.move(disk.far + "/", "a/s").rollback());

        disk.nothingIsOwed();
        assertThat(all(disk.a)).isEmpty();
        assertThat(all(disk.far)).isEqualTo(before);
    }

    @Test
    void aPausedMoveGoesOnInTheMiddleOfAFile() throws IOException {
        frames(disk.a.resolve("s"), "shot", 1, 200);
        file(disk.a.resolve("s/zlast"), 24_000_000);
        Map<String, String> before = all(disk.a);
        Job job = disk.begin(disk.move(disk.far + "/", "a/s").bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        disk.engine.pause(job.id());
        disk.engine.awaitStopped(job.id());
        assertThat(all(disk.far).keySet()).anyMatch(name -> name.endsWith(".part"));
        disk.engine.resume(job.id());

        assertThat(disk.ended(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(all(disk.a)).isEmpty();
        assertThat(all(disk.far)).isEqualTo(before);
    }

    /// As a stop leaves it while the emptied folders of a move go.
    @Test
    void aMoveGoesOnWhereSomeOfItsFoldersHaveGone() throws IOException {
        file(disk.a.resolve("s/x/1"), "1");
        file(disk.a.resolve("s/y/2"), 24_000_000);
        Map<String, String> before = all(disk.a);
        Job job = disk.begin(disk.move(disk.far + "/", "a/s").bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);
        disk.engine.pause(job.id());
        disk.engine.awaitStopped(job.id());
        Files.delete(disk.a.resolve("s/x"));

        disk.engine.resume(job.id());

        assertThat(disk.ended(job).error()).isNull();
        assertThat(all(disk.a)).isEmpty();
        assertThat(all(disk.far)).isEqualTo(before);
    }

    /// As a stop leaves it between the making of a file and its first byte.
    @Test
    void anEmptyPartIsBegunAnew() throws IOException {
        file(disk.a.resolve("big"), 24_000_000);
        Job job = disk.begin(disk.copy("b/big", "a/big").bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);
        disk.engine.pause(job.id());
        disk.engine.awaitStopped(job.id());
        String part = all(disk.b).keySet().iterator().next();
        assertThat(part).endsWith(".part");
        Files.write(disk.b.resolve(part), new byte[0]);

        disk.engine.resume(job.id());

        assertThat(disk.ended(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(all(disk.b)).isEqualTo(all(disk.a));
    }

    @Test
    void afterACrashTheNextStartFinishes() throws IOException {
        frames(disk.a.resolve("s"), "shot", 1, 200);
        file(disk.a.resolve("s/zlast"), 24_000_000);
        Map<String, String> before = all(disk.a);
        Job job = disk.begin(disk.move(disk.far + "/", "a/s").bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        disk.crashAndRestart();

        assertThat(disk.ended(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(all(disk.a)).isEmpty();
        assertThat(all(disk.far)).isEqualTo(before);
        disk.nothingIsOwed();
    }
}
