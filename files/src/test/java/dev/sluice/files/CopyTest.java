package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static dev.sluice.files.TestingDisk.frames;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a copy makes of files, folders, links and sequences.
class CopyTest extends OnDisks {
    @Test
    void aFileArrivesWithItsBytesAndTheSourceStays() throws IOException {
        file(disk.a.resolve("film.mov"), 3_000_001);

        Job job = disk.done(disk.copy("b/film.mov", "a/film.mov"));

        assertThat(all(disk.b)).isEqualTo(all(disk.a));
        OperationFacts facts = OperationFacts.of(job);
        assertThat(facts.files()).isEqualTo(1);
        assertThat(facts.done()).isEqualTo(1);
        assertThat(job.bytes()).isEqualTo(3_000_001);
        disk.nothingIsOwed();
    }

    @Test
    void aFolderArrivesWithAllThatIsInIt() throws IOException {
        file(disk.a.resolve("shots/one/x.exr"), "x");
        file(disk.a.resolve("shots/two/deep/y.exr"), "y");
        Files.createDirectory(disk.a.resolve("shots/empty"));
        Files.createSymbolicLink(disk.a.resolve("shots/latest"), Path.of("two/deep"));

        disk.done(disk.copy(disk.far + "/", "a/shots"));

        assertThat(all(disk.far)).isEqualTo(all(disk.a));
    }

    @Test
    void accessListsAreKept() throws IOException {
        Path source = file(disk.a.resolve("frame.exr"), "x");
        // acl(5): the owner rw, user 1234 r, the group r, all of them at most r, others nothing.
        byte[] list = HexFormat.of()
                .parseHex("02000000" + "01000600ffffffff" + "02000400d2040000" + "04000400ffffffff" + "10000400ffffffff"
                        + "20000000ffffffff");
        Linux.attribute(source, "system.posix_acl_access", list);
        Linux.attribute(source, "user.empty", new byte[0]);

        disk.done(disk.copy("b/", "a/frame.exr"));

        Path target = disk.b.resolve("frame.exr");
        assertThat(Linux.attributes(target)).contains("system.posix_acl_access", "user.empty");
        assertThat(Linux.attribute(target, "system.posix_acl_access")).isEqualTo(list);
        assertThat(Linux.attribute(target, "user.empty")).isEmpty();
    }

    /// As a shared folder has it, which lets a team read what is made in it.
    @Test
    void whatHasNoAccessListDoesNotGetThatOfItsNewFolder() throws IOException {
        Path source = file(disk.a.resolve("secret.exr"), "x");
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-r-----"));
        Linux.attribute(
                disk.b,
                "system.posix_acl_default",
                HexFormat.of()
                        .parseHex("02000000" + "01000700ffffffff" + "02000700d2040000" + "04000700ffffffff"
                                + "10000700ffffffff" + "20000000ffffffff"));

        disk.done(disk.copy("b/", "a/secret.exr"));

        Path target = disk.b.resolve("secret.exr");
        assertThat(Linux.attributes(target)).doesNotContain("system.posix_acl_access");
        assertThat((int) Files.getAttribute(target, "unix:mode") & 07777).isEqualTo(0640);
    }

    /// The copy is whose process makes it: a program that acts as its owner would act as that one.
    @Test
    void aCopyOfSomebodyElsesProgramDoesNotActAsItsNewOwner() throws IOException {
        Path source = file(disk.a.resolve("tool"), "x");
        Files.setAttribute(source, "unix:mode", 06755);
        Path own = file(disk.a.resolve("own"), "x");
        Files.setAttribute(own, "unix:mode", 06755);
        Files.setAttribute(source, "unix:uid", 1234);
        Files.setAttribute(source, "unix:gid", 1234);
        Files.setAttribute(source, "unix:mode", 06755);

        Files.setAttribute(Files.createDirectory(disk.a.resolve("shared")), "unix:mode", 02775);
        // By capabilities(7) one of version 2 with CAP_NET_RAW.
        Linux.attribute(own, "security.capability", HexFormat.of().parseHex("0100000200200000" + "00".repeat(12)));

        disk.done(disk.copy("b/", "a/tool", "a/own", "a/shared"));

        assertThat((int) Files.getAttribute(disk.b.resolve("tool"), "unix:mode") & 07777)
                .isEqualTo(0755);
        assertThat((int) Files.getAttribute(disk.b.resolve("own"), "unix:mode") & 07777)
                .isEqualTo(06755);
        assertThat(Linux.attributes(disk.b.resolve("own"))).isEmpty();
        assertThat((int) Files.getAttribute(disk.b.resolve("shared"), "unix:mode") & 07777)
                .as("there it says whose group is inherited")
                .isEqualTo(02775);
    }

    @Test
    void permissionsTimesAndExtendedAttributesAreKept() throws IOException {
        Path source = file(disk.a.resolve("s/tool"), "#!");
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxrwxr--"));
        Files.setPosixFilePermissions(source.getParent(), PosixFilePermissions.fromString("r-xr-x---"));
        Files.getFileAttributeView(source, UserDefinedFileAttributeView.class)
                .write("origin", ByteBuffer.wrap("camera A".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        FileTime time = FileTime.from(Instant.parse("2001-02-03T04:05:06.123456789Z"));
        Files.setLastModifiedTime(source, time);
        Files.setLastModifiedTime(source.getParent(), time);

        disk.done(disk.copy("b/", "a/s"));

        Path target = disk.b.resolve("s/tool");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwxrwxr--");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.getParent())))
                .isEqualTo("r-xr-x---");
        assertThat(Files.getLastModifiedTime(target)).isEqualTo(time);
        assertThat(Files.getLastModifiedTime(target.getParent())).isEqualTo(time);
        var view = Files.getFileAttributeView(target, UserDefinedFileAttributeView.class);
        ByteBuffer value = ByteBuffer.allocate(view.size("origin"));
        view.read("origin", value);
        assertThat(new String(value.array(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("camera A");
    }

    @Test
    void aFolderThatIsThereKeepsItsPermissions() throws IOException {
        file(disk.a.resolve("s/x"), "x");
        Path there = Files.createDirectory(disk.b.resolve("s"));
        Files.setPosixFilePermissions(there, PosixFilePermissions.fromString("rwx------"));

        disk.done(disk.copy("b/", "a/s"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there)))
                .isEqualTo("rwx------");
    }

    @Test
    void holesStayHoles() throws IOException {
        Path source = disk.a.resolve("disk.img");
        try (var sparse = new RandomAccessFile(source.toFile(), "rw")) {
            sparse.setLength(64 << 20);
            sparse.seek(32 << 20);
            sparse.write("in the middle".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        disk.done(disk.copy("b/disk.img", source));
        disk.done(disk.copy(disk.far + "/disk.img", source));
        disk.done(disk.copy("b/verified.img", source).verify(HashKind.XXH64));

        for (Path target : java.util.List.of(
                disk.b.resolve("disk.img"), disk.far.resolve("disk.img"), disk.b.resolve("verified.img"))) {
            assertThat(Files.mismatch(source, target)).isEqualTo(-1);
            assertThat(blocks(target)).isLessThan(1 << 20);
        }
    }

    private static long blocks(Path file) throws IOException {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                        .strip())
                * 512;
    }

    @Test
    void whatHasTwoNamesHasTwoNamesThere() throws IOException {
        Path one = file(disk.a.resolve("s/one"), "same");
        Files.createLink(disk.a.resolve("s/two"), one);

        disk.done(disk.copy(disk.far + "/", "a/s"));

        assertThat(Stat.of(disk.far.resolve("s/one")).identity())
                .isEqualTo(Stat.of(disk.far.resolve("s/two")).identity());
        assertThat(Stat.of(disk.far.resolve("s/one")).links()).isEqualTo(2);
    }

    @Test
    void aSequenceIsCopiedByItsRange() throws IOException {
        frames(disk.a, "shot", 1001, 1020);
        frames(disk.a, "other", 1001, 1003);

        Job job = disk.done(disk.copy("b/", "a/shot.1005-1010#.exr"));

        assertThat(all(disk.b))
                .hasSize(6)
                .containsEntry("shot.1005.exr", "shot 1005")
                .containsKey("shot.1010.exr");
        assertThat(disk.operations.report(job.id()).sequences())
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("shot.1005-1010#.exr"));
    }

    @Test
    void ofTwoSequencesInOneFolderEachIsCountedByItself() throws IOException {
        frames(disk.a.resolve("s"), "shot", 1, 20);
        frames(disk.a.resolve("s"), "other", 1, 3);

        Job job = disk.done(disk.copy("b/", "a/s"));

        assertThat(disk.operations.report(job.id()).sequences().stream().map(Report.Sequence::files))
                .containsExactlyInAnyOrder(20L, 3L);
    }

    @Test
    void aSequenceGetsNewNamesOnItsWay() throws IOException {
        frames(disk.a, "shot", 1, 3);

        disk.done(disk.copy("b/take.%05d.exr", "a/shot.#.exr"));

        assertThat(all(disk.b).keySet()).containsExactly("take.00001.exr", "take.00002.exr", "take.00003.exr");
    }

    @Test
    void globsAreExpanded() throws IOException {
        file(disk.a.resolve("one.txt"), "1");
        file(disk.a.resolve("two.txt"), "2");
        file(disk.a.resolve("three.mov"), "3");

        disk.done(disk.copy("b/", "a/*.txt"));

        assertThat(all(disk.b)).containsOnlyKeys("one.txt", "two.txt");
    }

    @Test
    void aMappingSaysWhereEachGoes() throws IOException {
        file(disk.a.resolve("one"), "1");
        file(disk.a.resolve("two"), "2");
        Path mapping = file(folder.resolve("map.csv"), "source,target\na/one,b/eins\na/two,b/sub/zwei\n");

        disk.done(disk.mapped(Verb.COPY, mapping));

        assertThat(all(disk.b)).isEqualTo(Map.of("eins", "1", "sub/", "", "sub/zwei", "2"));
    }

    @ParameterizedTest
    @EnumSource(HashKind.class)
    void whatIsVerifiedIsReadBackAndItsDigestTold(HashKind kind) throws IOException {
        file(disk.a.resolve("big"), 5_000_000);
        file(disk.a.resolve("empty"), "");

        Job job = disk.done(disk.copy(disk.far + "/", "a/big", "a/empty").verify(kind));

        assertThat(all(disk.far)).isEqualTo(all(disk.a));
        assertThat(disk.operations.report(job.id()).files())
                .allSatisfy(line -> assertThat(line.hash()).startsWith(kind.word() + ":"));
        assertThat(job.bytes()).isEqualTo(5_000_000);
    }

    @ParameterizedTest
    @CsvSource({"SKIP,old", "OVERWRITE,new", "NEWER,old"})
    void whereATargetExistsThePolicyDecides(Policy policy, String stays) throws IOException {
        Path source = file(disk.a.resolve("f"), "new");
        Files.setLastModifiedTime(source, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
        file(disk.b.resolve("f"), "old");

        disk.done(disk.copy("b/", "a/f").policy(policy));

        assertThat(all(disk.b)).isEqualTo(Map.of("f", stays));
        assertThat(all(disk.a)).isEqualTo(Map.of("f", "new"));
    }

    @Test
    void aNewerSourceReplacesAnOlderTarget() throws IOException {
        file(disk.a.resolve("f"), "new");
        Path old = file(disk.b.resolve("f"), "old");
        Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));

        disk.done(disk.copy("b/", "a/f").policy(Policy.NEWER));

        assertThat(all(disk.b)).isEqualTo(Map.of("f", "new"));
    }

    @Test
    void aNumberIsAddedWhereThatIsThePolicy() throws IOException {
        file(disk.a.resolve("f.txt"), "new");
        file(disk.b.resolve("f.txt"), "old");
        file(disk.b.resolve("f (1).txt"), "older");

        disk.done(disk.copy("b/", "a/f.txt").policy(Policy.RENAME));

        assertThat(all(disk.b)).isEqualTo(Map.of("f.txt", "old", "f (1).txt", "older", "f (2).txt", "new"));
    }

    @Test
    void aNameThatTheNumberWouldMakeTooLongIsShortened() throws IOException {
        String name = "ü".repeat(125) + ".exr";
        file(disk.a.resolve(name), "new");
        file(disk.b.resolve(name), "old");

        disk.done(disk.copy("b/", "a/" + name).policy(Policy.RENAME));

        assertThat(all(disk.b)).isEqualTo(Map.of(name, "old", "ü".repeat(123) + " (1).exr", "new"));
    }

    @Test
    void byDefaultNothingIsTouchedWhereOneTargetExists() throws IOException {
        frames(disk.a, "shot", 1, 3);
        file(disk.b.resolve("shot.0002.exr"), "old");

        Job job = disk.failed(disk.copy("b/", "a/shot.#.exr"));

        assertThat(job.error()).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.CONFLICT);
            assertThat(problem.message())
                    .contains("shot.0002.exr is there already")
                    .contains("nothing was touched");
        });
        assertThat(all(disk.b)).isEqualTo(Map.of("shot.0002.exr", "old"));
        disk.nothingIsOwed();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLimitedCopyFlowsAndNeverRunsAhead(boolean verified) throws IOException {
        for (int i = 0; i < 3; i++) {
            file(disk.a.resolve("s/" + i), 1_000_000);
        }
        long rate = 2_000_000;
        var asking = disk.copy("b/", "a/s").bandwidth(rate);
        long begun = System.nanoTime();
        Job job = disk.begin(verified ? asking.verify(HashKind.XXH64) : asking);
        var seen = new TreeSet<Long>();
        while (!disk.now(job).state().ended()) {
            disk.engine.progress(job.id()).ifPresent(now -> {
                double seconds = (System.nanoTime() - begun) / 1e9;
                // A tenth of a second is saved up, and each of the threads is a step of 1/20 s ahead.
                assertThat(now.bytes()).isLessThan((long) (rate * (seconds + 0.1 + 3 * 0.05)));
                seen.add(now.bytes());
            });
        }

        assertThat(disk.now(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(seen).hasSizeGreaterThan(8);
        assertThat(all(disk.b)).hasSize(4);
    }
}
