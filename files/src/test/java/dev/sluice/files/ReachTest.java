package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Operations that may touch some folders only.
class ReachTest extends OnDisks {
    @Test
    void withinTheRootsAllIsAsElsewhere() throws IOException {
        file(disk.a.resolve("s/deep/x"), "x");
        file(disk.a.resolve("s/y"), 3_000_000);
        Files.createSymbolicLink(disk.a.resolve("s/link"), Path.of("deep"));
        Map<String, String> before = all(disk.a);

        disk.done(disk.copy("b/", "a/s").within(disk.a, disk.b).verify(HashKind.XXH64));
        assertThat(all(disk.b)).isEqualTo(before);

        disk.done(disk.move(disk.far + "/", "a/s").within(disk.a, disk.far));
        assertThat(all(disk.far)).isEqualTo(before);
        assertThat(all(disk.a)).isEmpty();
    }

    @Test
    void whatIsNamedOutsideIsRefused() throws IOException {
        file(disk.a.resolve("x"), "x");

        for (var asking : java.util.List.of(
                disk.copy("b/", "a/x").within(disk.a),
                disk.copy("a/y", disk.b.resolve("secret")).within(disk.a),
                disk.copy("a/../b/", "a/x").within(disk.a))) {
            file(disk.b.resolve("secret"), "secret");
            Job job = disk.failed(asking);
            assertThat(job.error()).satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.FORBIDDEN);
                assertThat(problem.message()).contains("files.roots");
            });
            assertThat(all(disk.a)).isEqualTo(Map.of("x", "x"));
            assertThat(all(disk.b)).isEqualTo(Map.of("secret", "secret"));
        }
    }

    @Test
    void aLinkThatLeadsOutIsNotFollowed() throws IOException {
        file(disk.b.resolve("secret"), "secret");
        file(disk.a.resolve("x"), "x");
        Files.createSymbolicLink(disk.a.resolve("out"), disk.b);

        disk.failed(disk.copy("a/stolen", "a/out/secret").within(disk.a));
        disk.failed(disk.copy("a/out/", "a/x").within(disk.a));

        assertThat(all(disk.b)).isEqualTo(Map.of("secret", "secret"));
        assertThat(all(disk.a)).containsOnlyKeys("x", "out");
    }

    @Test
    void aMappingThatIsALinkIsNotReadWhereItLeadsOut() throws IOException {
        Path secret = file(disk.b.resolve("secret.csv"), "a/x,a/y\n");
        file(disk.a.resolve("x"), "x");
        Files.createSymbolicLink(disk.a.resolve("map.csv"), secret);

        Job job = disk.failed(disk.mapped(Verb.COPY, disk.a.resolve("map.csv")).within(disk.a));

        assertThat(job.error()).satisfies(problem -> assertThat(problem.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        assertThat(all(disk.a)).containsOnlyKeys("x", "map.csv");
    }

    @Test
    void aLinkThatStaysInsideIs() throws IOException {
        file(disk.a.resolve("real/x"), "x");
        Files.createSymbolicLink(disk.a.resolve("short"), Path.of("real"));

        disk.done(disk.copy("a/y", "a/short/x").within(disk.a));

        assertThat(all(disk.a)).containsEntry("y", "x");
    }

    @Test
    void whatIsTakenBackWithinTheRootsGoesWhereItWas() throws IOException {
        file(disk.a.resolve("s/f"), "x");
        file(disk.a.resolve("t/g"), 24_000_000);
        file(disk.b.resolve("s/old"), "old");
        file(disk.far.resolve("t/old"), "old");
        Map<String, String> before = all(disk.a);
        Path mapping = file(disk.b.resolve("map.csv"), "a/s/f,b/s/f\na/t/g," + disk.far + "/t/g\n");
        Job job = disk.begin(
                disk.mapped(Verb.MOVE, mapping).rollback().bandwidth(16_000_000).within(disk.a, disk.b, disk.far));
        disk.awaitBytes(job, 2_000_000);
        assertThat(all(disk.b)).containsKey("s/f");

        disk.cancel(job);

        disk.nothingIsOwed();
        assertThat(all(disk.a)).isEqualTo(before);
        assertThat(all(disk.b)).containsOnlyKeys("s/", "s/old", "map.csv");
        assertThat(all(disk.far)).containsOnlyKeys("t/", "t/old");
    }

    @Test
    void aFolderThatIsSwappedForALinkIsNotLeft() throws IOException {
        file(disk.a.resolve("s/x"), "x");
        file(disk.b.resolve("x"), "secret");
        try (Reach.Access access = Reach.within(java.util.List.of(disk.a)).access()) {
            Path before = access.entry(disk.a.resolve("s/x"));
            Files.move(disk.a.resolve("s"), disk.a.resolve("moved"));
            Files.createSymbolicLink(disk.a.resolve("s"), disk.b);

            assertThat(Files.readString(before)).isEqualTo("x");
        }
        try (Reach.Access access = Reach.within(java.util.List.of(disk.a)).access()) {
            assertThatThrownBy(() -> access.entry(disk.a.resolve("s/x"))).hasMessageContaining("files.roots");
        }
    }
}
