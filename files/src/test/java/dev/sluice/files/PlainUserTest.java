package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
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
                Copying.class.getName(),
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

    /// What that process does.
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
