package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What root may and others may not. A process of its own has none of root's rights, whoever runs the tests.
class PlainUserTest {
    private static final String READ_ONLY = "r--r--r--";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void aFileThatMayOnlyBeReadIsCopiedAndGoneOnWith() throws Exception {
        withoutRights(Copying.class);
    }

    @Test
    void whatMayNotBeReadFailsAndTheOthersArrive() throws Exception {
        withoutRights(Closed.class);
    }

    @Test
    void aFolderOfMineBelowOneOfOthersTakesMore() throws Exception {
        withoutRights(Merging.class);
    }

    private void withoutRights(Class<?> program) throws Exception {
        var command = new ArrayList<String>();
        if ((int) Files.getAttribute(folder, "unix:uid") == 0) {
            command.addAll(List.of("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
                folder.toString()));
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(() -> text(said)).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// What may be listed and not looked into, and a target that is mine in a folder that is not.
    static final class Merging {
        private Merging() {}

        public static void main(String[] args) throws IOException {
            try (var disk = new TestingDisk(Path.of(args[0]))) {
                file(disk.a.resolve("shots/x"), "x");
                file(disk.a.resolve("shots/dim/y"), "y");
                Path dim = disk.a.resolve("shots/dim");
                Files.createDirectory(disk.b.resolve("shots"));
                Files.setPosixFilePermissions(dim, PosixFilePermissions.fromString("r--------"));
                Files.setPosixFilePermissions(disk.b, PosixFilePermissions.fromString("r-xr-xr-x"));
                try {
                    Job job = disk.failed(disk.copy("b/", "a/shots"));
                    assertThat(job.error())
                            .satisfies(problem -> assertThat(problem.message())
                                    .startsWith("1 of 2 files failed")
                                    .contains("shots/dim/y", "permission denied"));
                } finally {
                    Files.setPosixFilePermissions(dim, PosixFilePermissions.fromString("rwx------"));
                    Files.setPosixFilePermissions(disk.b, PosixFilePermissions.fromString("rwx------"));
                }
                assertThat(all(disk.b)).containsEntry("shots/x", "x").doesNotContainKey("shots/dim/y");
            }
        }
    }

    /// Files and folders of others, which let nobody in.
    static final class Closed {
        private Closed() {}

        public static void main(String[] args) throws IOException {
            try (var disk = new TestingDisk(Path.of(args[0]))) {
                file(disk.a.resolve("s/open/x"), "x");
                file(disk.a.resolve("s/shut/y"), "y");
                Path folder = disk.a.resolve("s/shut");
                Path file = file(disk.a.resolve("s/z"), "z");
                Files.setPosixFilePermissions(folder, Set.of());
                Files.setPosixFilePermissions(file, Set.of());
                try {
                    Job job = disk.failed(disk.move(disk.far + "/", "a/s"));
                    assertThat(job.error()).satisfies(problem -> {
                        assertThat(problem.code()).isEqualTo(ErrorCode.FILES_FAILED);
                        assertThat(problem.message()).contains("permission denied");
                    });
                    assertThat(disk.operations.report(job.id()).files())
                            .filteredOn(line -> "forbidden".equals(line.code()))
                            .extracting(Report.Line::source)
                            .containsExactlyInAnyOrder(folder.toString(), file.toString());
                } finally {
                    for (Path shut : List.of(folder, file, disk.far.resolve("s/shut"))) {
                        Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("rwx------"));
                    }
                }
                assertThat(all(disk.far).get("s/open/x")).isEqualTo("x");
                assertThat(all(disk.far)).doesNotContainKeys("s/z", "s/shut/y");
                assertThat(all(disk.a)).containsEntry("s/shut/y", "y").containsEntry("s/z", "z");
            }
        }
    }

    /// What may be read and not written.
    static final class Copying {
        private Copying() {}

        public static void main(String[] args) throws IOException {
            try (var disk = new TestingDisk(Path.of(args[0]))) {
                Path small = readOnly(file(disk.a.resolve("small"), 3_000_000));
                assertThat(Files.isWritable(small)).isFalse();
                disk.done(disk.copy(disk.far + "/", small).verify(HashKind.XXH64));
                disk.done(disk.copy("b/", small));
                assertThat(permissions(disk.b.resolve("small"))).isEqualTo(READ_ONLY);
                assertThat(permissions(disk.far.resolve("small"))).isEqualTo(READ_ONLY);
                assertThat(all(disk.b)).isEqualTo(all(disk.a)).isEqualTo(all(disk.far));

                Files.delete(disk.b.resolve("small"));
                Files.delete(small);
                Path big = readOnly(file(disk.a.resolve("big"), 24_000_000));
                Job job = disk.begin(disk.copy("b/", big).bandwidth(16_000_000));
                disk.awaitBytes(job, 2_000_000);
                disk.engine.pause(job.id());
                disk.engine.awaitStopped(job.id());
                String part = all(disk.b).keySet().iterator().next();
                // As a stop leaves it between its last byte and its name.
                readOnly(disk.b.resolve(part));
                disk.engine.resume(job.id());
                assertThat(disk.ended(job).state()).isEqualTo(JobState.COMPLETED);
                assertThat(all(disk.b)).isEqualTo(all(disk.a));
                assertThat(permissions(disk.b.resolve("big"))).isEqualTo(READ_ONLY);
            }
        }

        private static Path readOnly(Path file) throws IOException {
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(READ_ONLY));
        }

        private static String permissions(Path file) throws IOException {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        }
    }
}
