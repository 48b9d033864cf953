package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A disk whose device ends before its file system does: the page cache takes what lies beyond, and its sync is an
/// input/output error.
@SuppressWarnings("NullAway.Init")
class FailingDeviceTest extends OnDisks {
    private static final int SMALL = 500_000;
    private static final int LARGE = 24_000_000;

    private Path image;
    private String device;
    private Path target;

    @BeforeEach
    void mount() throws IOException {
        image = folder.resolve("image");
        target = Files.createDirectory(folder.resolve("target"));
        run("truncate", "-s", "128M", image.toString());
        run("mkfs.ext4", "-q", "-b", "4096", "-O", "^has_journal", image.toString());
        device = run("losetup", "-f", "--show", image.toString()).strip();
        run("mount", "-o", "errors=continue", device, target.toString());
        resize("16M");
    }

    @AfterEach
    void unmount() throws IOException {
        run("umount", "-l", target.toString());
        run("losetup", "-d", device);
    }

    private void resize(String size) throws IOException {
        run("truncate", "-s", size, image.toString());
        run("losetup", "-c", device);
    }

    private List<Path> parts() throws IOException {
        try (Stream<Path> there = Files.list(target)) {
            return there.filter(file -> !file.endsWith("lost+found")).toList();
        }
    }

    @Test
    void aFileThatTheDeviceDoesNotTakeIsCopiedAnewAndItsSourceStaysUntilThen() throws IOException {
        file(disk.a.resolve("x"), LARGE);
        String content = all(disk.a).get("x");

        Job job = disk.begin(disk.move(target + "/", "a/x"));
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !parts().isEmpty());
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> parts().isEmpty());
        assertThat(disk.a.resolve("x")).hasSize(LARGE);
        resize("128M");

        Job ended = disk.ended(job);
        assertThat(ended.state()).as(() -> String.valueOf(ended.error())).isEqualTo(JobState.COMPLETED);
        assertThat(ended.bytes()).isEqualTo(LARGE);
        assertThat(all(disk.a)).isEmpty();
        // What is on the device, and not what the page cache has of it.
        run("umount", target.toString());
        run("mount", device, target.toString());
        assertThat(Files.readString(target.resolve("x"), java.nio.charset.StandardCharsets.ISO_8859_1))
                .isEqualTo(content);
    }

    @Test
    void aFileThatTheDeviceNeverTakesFailsAndTheOthersArrive() throws IOException {
        for (int i = 1; i <= 4; i++) {
            file(disk.a.resolve("s/" + i), i == 3 ? LARGE : SMALL + i);
        }
        Map<String, String> sources = all(disk.a);

        Job job = disk.failed(disk.move(target + "/", "a/s"));

        assertThat(job.error()).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.FILES_FAILED);
            assertThat(problem.message()).startsWith("1 of 4 files failed").containsIgnoringCase("input/output error");
        });
        assertThat(all(disk.a)).containsOnlyKeys("s/", "s/3").containsEntry("s/3", sources.get("s/3"));
        Map<String, String> arrived = all(target);
        assertThat(arrived).doesNotContainKey("s/3");
        for (String name : List.of("s/1", "s/2", "s/4")) {
            assertThat(arrived).containsEntry(name, sources.get(name));
        }
        assertThat(arrived.keySet()).containsExactlyInAnyOrder("lost+found/", "s/", "s/1", "s/2", "s/4");
        disk.nothingIsOwed();
    }
}
