package dev.sluice.files;

import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;

/// What is forced to the device, and in which order, where what is finished is to survive a power cut.
class PowerTest extends OnDisks {
    /// What an operation forces, by name; its journal is `journal`, a hidden file `part`.
    private List<String> forcedBy(TestingDisk.Asking asking) throws IOException {
        Path file = folder.resolve("forced.jfr");
        try (var recording = new Recording()) {
            recording.enable("jdk.FileForce").withoutThreshold().withoutStackTrace();
            recording.start();
            disk.done(asking);
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .map(event -> event.getString("path"))
                .filter(path -> !path.contains("state.db"))
                .map(path -> path.endsWith(".journal")
                        ? "journal"
                        : path.endsWith(".part")
                                ? "part"
                                : String.valueOf(Path.of(path).getFileName()))
                .toList();
    }

    @Test
    void theJournalIsOnTheDiskBeforeAFileGetsItsNameAndBeforeItsSourceGoes() throws IOException {
        file(disk.a.resolve("f"), "x");
        Files.createDirectory(disk.far.resolve("there"));

        assertThat(forcedBy(disk.move(disk.far + "/there/", "a/f")))
                .containsExactly("journal", "part", "journal", "there", "journal", "journal");
    }

    @Test
    void theJournalIsOnTheDiskBeforeARename() throws IOException {
        file(disk.a.resolve("f"), "x");

        assertThat(forcedBy(disk.move("b/", "a/f"))).containsExactly("journal", "journal", "a", "b", "journal");
    }

    @Test
    void foldersAreOnTheDiskWithTheSecondNamesInThem() throws IOException {
        Path one = file(disk.a.resolve("s/one"), "same");
        Files.createLink(disk.a.resolve("s/two"), one);
        Files.createDirectory(disk.far.resolve("there"));

        assertThat(forcedBy(disk.move(disk.far + "/there/", "a/s")))
                .containsExactly(
                        "journal", "journal", "there", "part", "journal", "s", "journal", "journal", "s", "journal",
                        "journal");
    }

    @Test
    void foldersThatNobodyPlannedAreOnTheDiskToo() throws IOException {
        file(disk.a.resolve("f"), "x");

        assertThat(forcedBy(disk.move("b/new/deep/", "a/f"))).containsSubsequence("b", "new", "journal");
    }
}
