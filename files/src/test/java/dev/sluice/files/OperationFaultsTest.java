package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static dev.sluice.files.TestingDisk.frames;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Bad input, and disks and people that get in the way.
class OperationFaultsTest extends OnDisks {
    private Report.Line line(Job job, String source) {
        return disk.operations.report(job.id()).files().stream()
                .filter(line -> line.source().endsWith(source))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aMissingSourceFailsAndTheOthersArrive() throws IOException {
        file(disk.a.resolve("one"), "1");

        Job job = disk.failed(disk.copy("b/", "a/one", "a/two"));

        assertThat(job.error()).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.FILES_FAILED);
            assertThat(problem.message())
                    .startsWith("1 of 2 files failed: there is no")
                    .contains("a/two");
        });
        assertThat(all(disk.b)).isEqualTo(Map.of("one", "1"));
        assertThat(line(job, "a/two").code()).isEqualTo("not_found");
        disk.nothingIsOwed();
    }

    @Test
    void missingFramesAreToldAndTheOthersArrive() throws IOException {
        frames(disk.a, "shot", 1, 5);
        Files.delete(disk.a.resolve("shot.0003.exr"));

        Job job = disk.failed(disk.copy("b/", "a/shot.1-6#.exr"));

        assertThat(job.error())
                .satisfies(problem -> assertThat(problem.message()).contains("2 frames are missing: 3,6"));
        assertThat(all(disk.b)).hasSize(4);
    }

    @Test
    void aSourceThatGrowsWhileItIsReadFails() throws IOException {
        Path source = file(disk.a.resolve("log"), 8_000_000);
        Job job = disk.begin(disk.copy("b/", source).bandwidth(4_000_000));
        disk.awaitBytes(job, 1);

        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    Files.write(source, new byte[100], StandardOpenOption.APPEND);
                    return disk.now(job).state().ended();
                });

        assertThat(line(disk.ended(job), "log").code()).isEqualTo("source_changed");
        assertThat(all(disk.b)).isEmpty();
        assertThat(source).exists();
    }

    @Test
    void bytesThatAreNotWhatWasReadAreFoundAndTheSourceStays() throws IOException {
        file(disk.a.resolve("big"), 8_000_000);
        Job job = disk.begin(
                disk.move(disk.far + "/", "a/big").verify(HashKind.XXH64).bandwidth(4_000_000));
        disk.awaitBytes(job, 1_000_000);
        Path part = disk.far.resolve(all(disk.far).keySet().iterator().next());
        try (var damaged = new RandomAccessFile(part.toFile(), "rw")) {
            damaged.write(damaged.read() ^ 1);
        }

        assertThat(line(disk.ended(job), "big")).satisfies(line -> {
            assertThat(line.code()).isEqualTo("checksum_mismatch");
            assertThat(line.error()).contains("read back, its xxh64 is");
        });
        assertThat(all(disk.far)).isEmpty();
        assertThat(all(disk.a)).containsOnlyKeys("big");
    }

    @Test
    void aSourceThatShrinksOnceIsReadOnceMore() throws IOException {
        Path source = file(disk.a.resolve("log"), 8_000_000);
        Job job = disk.begin(disk.copy("b/", source).bandwidth(4_000_000));
        disk.awaitBytes(job, 1_000_000);
        try (var shrunk = new RandomAccessFile(source.toFile(), "rw")) {
            shrunk.setLength(2_000_000);
        }

        Job ended = disk.ended(job);

        assertThat(ended.state()).isEqualTo(JobState.COMPLETED);
        assertThat(all(disk.b)).isEqualTo(all(disk.a));
    }

    @Test
    void aSourceThatGoesWhileItIsReadFails() throws IOException {
        Path source = file(disk.a.resolve("log"), 8_000_000);
        Job job = disk.begin(disk.copy("b/", source).bandwidth(4_000_000));
        disk.awaitBytes(job, 1_000_000);
        Files.delete(source);

        assertThat(line(disk.ended(job), "log").code()).isEqualTo("not_found");
        assertThat(all(disk.b)).isEmpty();
    }

    @Test
    void aTargetThatAppearsMeanwhileIsNotTouched() throws IOException {
        file(disk.a.resolve("big"), 8_000_000);
        Job job = disk.begin(disk.copy("b/", "a/big").bandwidth(8_000_000));
        disk.awaitBytes(job, 1);

        file(disk.b.resolve("big"), "somebody else's");

        assertThat(line(disk.ended(job), "big").code()).isEqualTo("conflict");
        assertThat(all(disk.b)).isEqualTo(Map.of("big", "somebody else's"));
        disk.nothingIsOwed();
    }

    @Test
    void aFolderThatAppearsInTheWayFailsItsFileOnly() throws IOException {
        file(disk.a.resolve("s/big"), 8_000_000);
        file(disk.a.resolve("s/small"), "small");
        for (boolean rollback : new boolean[] {false, true}) {
            var asking = disk.copy("b/", "a/s").policy(Policy.OVERWRITE).bandwidth(8_000_000);
            Job job = disk.begin(rollback ? asking.rollback() : asking);
            disk.awaitBytes(job, 1);

            file(disk.b.resolve("s/big/x"), "somebody else's");

            assertThat(disk.ended(job).error())
                    .satisfies(problem -> assertThat(problem.code()).isEqualTo(ErrorCode.FILES_FAILED));
            disk.nothingIsOwed();
            assertThat(all(disk.b))
                    .isEqualTo(Map.of("s/", "", "s/small", "small", "s/big/", "", "s/big/x", "somebody else's"));
            TestingDisk.remove(disk.b.resolve("s"));
        }
    }

    @Test
    void aFolderThatCannotBeMadeFailsOnlyWhatComesIntoIt() throws IOException {
        file(disk.a.resolve("s/x/1"), 24_000_000);
        file(disk.a.resolve("s/y/2"), 24_000_000);
        file(disk.a.resolve("s/y/deep/3"), 24_000_000);
        Map<String, String> sources = all(disk.a);
        Job job = disk.begin(disk.move(disk.far + "/", "a/s").bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        killedBeforeFoldersWereMade(disk.far.resolve("s/y"));

        Job ended = disk.ended(job);
        assertThat(ended.state()).isEqualTo(JobState.FAILED);
        assertThat(ended.error()).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.FILES_FAILED);
            assertThat(problem.message())
                    .isEqualTo("2 of 3 files failed: the folder " + disk.far
                            + "/s/y could not be made: there is a file of that name …; the report says which");
        });
        assertThat(all(disk.far))
                .isEqualTo(Map.of("s/", "", "s/x/", "", "s/x/1", sources.get("s/x/1"), "s/y", "in the way"));
        assertThat(all(disk.a).keySet()).containsExactlyInAnyOrder("s/", "s/y/", "s/y/2", "s/y/deep/", "s/y/deep/3");
        assertThat(disk.operations.report(job.id()).files())
                .filteredOn(line -> line.state().equals("failed"))
                .allSatisfy(line -> assertThat(line.code()).isEqualTo("conflict"))
                .extracting(Report.Line::source)
                .containsExactlyInAnyOrder(
                        disk.a + "/s/y", disk.a + "/s/y/deep", disk.a + "/s/y/2", disk.a + "/s/y/deep/3");
    }

    @Test
    void anEmptyFolderThatCannotBeMadeFailsTheOperation() throws IOException {
        file(disk.a.resolve("s/x/1"), 24_000_000);
        Files.createDirectories(disk.a.resolve("s/empty"));
        Job job = disk.begin(disk.copy("b/", "a/s").bandwidth(16_000_000));
        disk.awaitBytes(job, 2_000_000);

        killedBeforeFoldersWereMade(disk.b.resolve("s/empty"));

        Job ended = disk.ended(job);
        assertThat(ended.error()).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.FILES_FAILED);
            assertThat(problem.message())
                    .isEqualTo("the folder " + disk.b + "/s/empty could not be made: there is a file of that name");
        });
        assertThat(all(disk.b)).containsOnlyKeys("s/", "s/x/", "s/x/1", "s/empty");
        assertThat(disk.operations.report(job.id()).files())
                .extracting(Report.Line::state)
                .containsExactlyInAnyOrder("copied", "failed");
    }

    /// As a `SIGKILL` leaves it between the lines that folders are about to be made and the first of them.
    private void killedBeforeFoldersWereMade(Path inTheWay) throws IOException {
        disk.engine.halt();
        TestingDisk.remove(inTheWay);
        Files.writeString(inTheWay, "in the way");
        try (Stream<Path> journals = Files.list(folder.resolve("operations"))) {
            Path journal = journals.toList().getFirst();
            Files.write(
                    journal,
                    Files.readAllLines(journal).stream()
                            .filter(line -> !line.startsWith("D"))
                            .toList());
        }
        disk.start();
    }

    @Test
    void aCircleThatCannotBeClosedKeepsNoCancelOut() throws IOException {
        file(disk.a.resolve("one/x"), "1");
        Path mounted = Files.createDirectory(disk.a.resolve("two"));
        var pairs = new StringBuilder("a/one,a/two\na/two,a/one\n");
        for (int frame = 0; frame < 5_000; frame++) {
            file(disk.a.resolve("shot." + frame), "");
            pairs.append("a/shot." + frame + ",b/shot." + frame + "\n");
        }
        Path mapping = file(folder.resolve("map.csv"), pairs.toString());
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted.toString());
        try {
            Job job = disk.begin(disk.mapped(Verb.MOVE, mapping));
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> Files.exists(disk.b.resolve("shot.0")));

            disk.cancel(job);

            disk.nothingIsOwed();
            assertThat(disk.a.resolve("shot.4999")).exists();
            assertThat(disk.a.resolve("one/x")).hasContent("1");
        } finally {
            run("umount", "-l", mounted.toString());
        }
    }

    /// A disk where case means nothing answers so to the second of two such names.
    @Test
    void whatAppearedUnderANameThatDiffersFromAnOtherTargetInCaseOnlyIsNotReplaced() throws IOException {
        file(disk.a.resolve("s/CLIP"), 10);
        file(disk.a.resolve("s/clip"), 24_000_000);
        Job job = disk.begin(disk.copy("b/", "a/s").policy(Policy.OVERWRITE).bandwidth(12_000_000));
        disk.awaitBytes(job, 1_000_000);
        Path appeared = file(disk.b.resolve("s/clip"), "the same as CLIP");

        assertThat(disk.ended(job).error())
                .satisfies(problem -> assertThat(problem.message()).contains("case means nothing"));
        assertThat(appeared).hasContent("the same as CLIP");
        assertThat(disk.b.resolve("s/CLIP")).hasSize(10);
        disk.nothingIsOwed();
    }

    @Test
    void aTargetThatSomebodyHasWrittenIntoMeanwhileIsNotReplacedByWhatIsOlder() throws IOException {
        Path source = file(disk.a.resolve("s/clip"), 24_000_000);
        Path target = file(disk.b.resolve("s/clip"), "old");
        Files.setLastModifiedTime(target, FileTime.from(Instant.EPOCH));
        Job job = disk.begin(disk.copy("b/", "a/s").policy(Policy.NEWER).bandwidth(12_000_000));
        disk.awaitBytes(job, 1_000_000);
        Files.writeString(target, "newer than " + Files.getLastModifiedTime(source));

        assertThat(disk.ended(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(target).content().startsWith("newer than");
        assertThat(line(job, "clip").state()).isEqualTo("skipped");
        disk.nothingIsOwed();
        assertThat(all(disk.b)).containsOnlyKeys("s/", "s/clip");
    }

    @Test
    void holesAndSecondNamesNeedNoSpace() throws IOException {
        Path small = Files.createDirectory(folder.resolve("small"));
        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small.toString());
        try {
            Path first = file(disk.a.resolve("s/1"), 3_000_000);
            Files.createLink(disk.a.resolve("s/2"), first);
            Files.createLink(disk.a.resolve("s/3"), first);
            try (var sparse = new java.io.RandomAccessFile(disk.a.resolve("s/4").toFile(), "rw")) {
                sparse.setLength(100_000_000);
                sparse.write(1);
            }

            disk.done(disk.copy(small + "/", "a/s"));

            assertThat(small.resolve("s/4")).hasSize(100_000_000);
            assertThat(Files.isSameFile(small.resolve("s/1"), small.resolve("s/3")))
                    .isTrue();
        } finally {
            run("umount", "-l", small.toString());
        }
    }

    @Test
    void theFolderInWhichAPatternWasSaidIsNone() throws IOException {
        Path base = Files.createDirectories(disk.a.resolve("show [v2]"));
        file(base.resolve("1.exr"), "1");
        file(disk.a.resolve("show v/2.exr"), "2");

        disk.done(disk.copy("../../b/", "*.exr").from(base));

        assertThat(all(disk.b)).isEqualTo(Map.of("1.exr", "1"));
    }

    @Test
    void aPatternThatIsNoneIsAFileThatIsMissing() {
        Job job = disk.failed(disk.copy("b/", "a/shot[1.exr"));
        assertThat(line(job, "a/shot[1.exr").code()).isEqualTo("not_found");
    }

    @Test
    void aTargetThatAppearedAndWasReplacedComesBackWithARollback() throws IOException {
        file(disk.a.resolve("s/x/1"), 4_000_000);
        file(disk.a.resolve("s/y/2"), 24_000_000);
        Job job = disk.begin(
                disk.copy("b/", "a/s").policy(Policy.OVERWRITE).rollback().bandwidth(12_000_000));
        disk.awaitBytes(job, 1);
        Path appeared = file(disk.b.resolve("s/x/1"), "somebody else's");
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> Files.size(appeared) == 4_000_000);

        disk.cancel(job);

        disk.nothingIsOwed();
        assertThat(all(disk.b)).isEqualTo(Map.of("s/", "", "s/x/", "", "s/x/1", "somebody else's"));
    }

    @Test
    void aFullDiskFailsTheOperationAndLeavesNoHalfFile() throws IOException {
        Path small = Files.createDirectory(folder.resolve("small"));
        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small.toString());
        try {
            file(disk.a.resolve("s/1"), 3_000_000);
            file(disk.a.resolve("s/2"), 3_000_001);
            // What the plan could not know: somebody else fills the disk.
            Job job = disk.begin(disk.copy(small + "/", "a/s").bandwidth(3_000_000));
            disk.awaitBytes(job, 3_100_000);
            assertThatThrownBy(() -> file(small.resolve("filler"), 9_000_000)).hasMessageContaining("No space left");

            assertThat(disk.ended(job).error())
                    .satisfies(problem -> assertThat(problem.code()).isEqualTo(ErrorCode.DISK_FULL));
            disk.nothingIsOwed();
            assertThat(all(small)).containsOnlyKeys("filler", "s/", "s/1");
            assertThat(all(disk.a)).containsOnlyKeys("s/", "s/1", "s/2");
        } finally {
            run("umount", "-l", small.toString());
        }
    }

    @Test
    void aDiskThatIsTooSmallIsSeenBefore() throws IOException {
        Path small = Files.createDirectory(folder.resolve("small"));
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString());
        try {
            file(disk.a.resolve("big"), 3_000_000);

            Job job = disk.failed(disk.copy(small + "/", "a/big"));

            assertThat(job.error()).satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DISK_FULL);
                assertThat(problem.message())
                        .contains("3000000 bytes are needed")
                        .contains("nothing was touched");
            });
            assertThat(all(small)).isEmpty();
        } finally {
            run("umount", "-l", small.toString());
        }
    }

    @Test
    void aReadOnlyTargetIsRefusedBefore() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        run("mount", "-t", "tmpfs", "-o", "size=1m,ro", "tmpfs", locked.toString());
        try {
            file(disk.a.resolve("x"), "x");

            Job job = disk.failed(disk.move(locked + "/", "a/x"));

            assertThat(job.error()).satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.FORBIDDEN);
                assertThat(problem.message())
                        .contains("nothing can be written into")
                        .contains("nothing was touched");
            });
            assertThat(all(disk.a)).isEqualTo(Map.of("x", "x"));
        } finally {
            run("umount", "-l", locked.toString());
        }
    }

    @Test
    void aFolderThatADiskIsMountedOnStaysAndTheMoveIsDone() throws IOException {
        Path mounted = Files.createDirectories(disk.a.resolve("s/mounted"));
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted.toString());
        try {
            file(mounted.resolve("x"), "x");
            file(disk.a.resolve("s/y"), "y");

            disk.done(disk.move(disk.far + "/", "a/s"));

            assertThat(all(disk.far)).isEqualTo(Map.of("s/", "", "s/mounted/", "", "s/mounted/x", "x", "s/y", "y"));
            assertThat(all(disk.a)).isEqualTo(Map.of("s/", "", "s/mounted/", ""));
        } finally {
            run("umount", "-l", mounted.toString());
        }
    }

    @Test
    void whatIsNoFileIsLeftOutAndSaid() throws Exception {
        file(disk.a.resolve("s/x"), "x");
        run("mkfifo", disk.a.resolve("s/pipe").toString());
        run("mknod", disk.a.resolve("s/device").toString(), "c", "1", "3");
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(disk.a.resolve("s/socket")));

            Job job = disk.done(disk.copy("b/", "a/s"));

            assertThat(all(disk.b)).isEqualTo(Map.of("s/", "", "s/x", "x"));
            for (String name : new String[] {"pipe", "device", "socket"}) {
                assertThat(line(job, name)).satisfies(line -> {
                    assertThat(line.state()).isEqualTo("skipped");
                    assertThat(line.error()).contains("neither a file nor a folder nor a link");
                });
            }
        }
    }

    @Test
    void namesThatAreNoUtf8AreCopiedAsTheyAre() throws Exception {
        Path odd = Path.of(URI.create("file://" + disk.a + "/caf%E9.exr"));
        Files.writeString(odd, "odd");
        Files.createDirectory(Path.of(URI.create("file://" + disk.a + "/d%FFr")));
        Files.writeString(Path.of(URI.create("file://" + disk.a + "/d%FFr/x")), "in it");

        disk.done(disk.copy(disk.far + "/", "a"));
        disk.done(disk.move(disk.far + "/moved/", "a"));

        for (String where : new String[] {"/a", "/moved/a"}) {
            assertThat(Files.readString(Path.of(URI.create("file://" + disk.far + where + "/caf%E9.exr"))))
                    .isEqualTo("odd");
            assertThat(Files.readString(Path.of(URI.create("file://" + disk.far + where + "/d%FFr/x"))))
                    .isEqualTo("in it");
        }
        Files.createDirectory(disk.a);
    }

    @Test
    void aCircleOfLinksIsCopiedAsItIs() throws IOException {
        Files.createSymbolicLink(disk.a.resolve("one"), Path.of("two"));
        Files.createSymbolicLink(disk.a.resolve("two"), Path.of("one"));
        Files.createSymbolicLink(disk.a.resolve("self"), Path.of("."));

        disk.done(disk.copy("b/", "a"));

        assertThat(all(disk.b)).isEqualTo(Map.of("a/", "", "a/one", "→ two", "a/two", "→ one", "a/self", "→ ."));
    }

    @Test
    void aNameThatIsTooLongIsRefusedBefore() throws IOException {
        file(disk.a.resolve("x"), "x");

        Job job = disk.failed(disk.copy("b/" + "n".repeat(256), "a/x"));

        assertThat(job.error())
                .satisfies(problem -> assertThat(problem.message()).contains("has 256 bytes; 255 are the most"));
    }

    @Test
    void aBrokenMappingNamesLineAndColumn() throws IOException {
        Path mapping = file(folder.resolve("map.csv"), "source,target\na/one,b/one\n\"a/two,b/two\n");

        Job job = disk.failed(disk.mapped(Verb.COPY, mapping));

        assertThat(job.error()).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(problem.message()).contains("map.csv, line 3, column");
        });
    }

    @Test
    void twoNamesOfOneFileAreNoSourceAndTarget() throws IOException {
        Path one = file(disk.a.resolve("one"), "1");
        Files.createLink(disk.a.resolve("two"), one);

        Job job = disk.failed(disk.copy("a/two", one).policy(Policy.OVERWRITE));

        assertThat(job.error())
                .satisfies(problem -> assertThat(problem.message()).contains("are one file"));
        assertThat(all(disk.a)).isEqualTo(Map.of("one", "1", "two", "1"));
    }

    @Test
    void namesThatDifferInCaseOnlyAreToldAndCopiedWhereCaseCounts() throws IOException {
        file(disk.a.resolve("s/one"), "1");
        file(disk.a.resolve("s/ONE"), "2");

        assertThat(disk.operations
                        .preview(disk.copy("b/", "a/s").spec(), new StopToken())
                        .conflicts())
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.kind()).isEqualTo("case_collision");
                    assertThat(found.blocks()).isFalse();
                });
        disk.done(disk.copy("b/", "a/s"));
        assertThat(all(disk.b)).hasSize(3);
    }

    @Test
    void twoSourcesForOneTargetAreRefused() throws IOException {
        file(disk.a.resolve("one/x"), "1");
        file(disk.a.resolve("two/x"), "2");

        Job job = disk.failed(disk.copy("b/", "a/one/x", "a/two/x"));

        assertThat(job.error())
                .satisfies(problem -> assertThat(problem.message()).contains("would become"));
        assertThat(all(disk.b)).isEmpty();
    }

    @Test
    void whatIsItselfToBeCopiedIsNotReplaced() throws IOException {
        file(disk.a.resolve("x"), "x");
        file(disk.a.resolve("y"), "y");
        Path mapping = file(folder.resolve("map.csv"), "a/x,a/y\na/y,b/z\n");

        Job job = disk.failed(disk.mapped(Verb.COPY, mapping).policy(Policy.OVERWRITE));

        assertThat(job.error())
                .satisfies(problem ->
                        assertThat(problem.message()).contains("is itself to be copied", "nothing was touched"));
        assertThat(all(disk.a)).isEqualTo(Map.of("x", "x", "y", "y"));
        assertThat(all(disk.b)).isEmpty();
    }
}
