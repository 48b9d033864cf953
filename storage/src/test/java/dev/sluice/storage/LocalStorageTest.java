package dev.sluice.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStorageTest {
    private static final Linker NO_LINKS = (name, existing) -> {
        throw new FileSystemException(name.toString(), existing.toString(), "Operation not permitted");
    };
    private static final Linker NO_LINKS_ON_THIS_PLATFORM = (name, existing) -> {
        throw new UnsupportedOperationException();
    };

    @Nested
    class SurvivingAPowerCut extends OnDisk {
        SurvivingAPowerCut() {
            super(Durability.POWER, Files::createLink);
        }
    }

    @Nested
    class SurvivingTheProcess extends OnDisk {
        SurvivingTheProcess() {
            super(Durability.PROCESS, Files::createLink);
        }

        @Test
        void nothingIsWrittenWhileItIsBeingDecidedWhetherToStop() throws Exception {
            try (ObjectUpload upload = begin("held.bin", 100)) {
                upload.write(ByteBuffer.wrap(bytes(50)));
                StopToken.Hold hold = stop.hold();
                CompletableFuture<Void> writing =
                        CompletableFuture.runAsync(() -> upload.write(ByteBuffer.wrap(bytes(50))));
                await().during(Duration.ofMillis(50)).until(() -> upload.durable() == 50);
                hold.close();
                writing.join();
                assertThat(upload.durable()).isEqualTo(100);
            }
        }
    }

    @Nested
    class WithoutHardLinks extends OnDisk {
        WithoutHardLinks() {
            super(Durability.POWER, NO_LINKS);
        }

        @Test
        void aCrashAfterThePlaceholderLeavesNothing() throws Exception {
            UploadState state = crashedBeforeTheRename("p.bin");
            assertThat(held()).contains("p.bin");

            storage().takeBack(state, new ObjectRef("p.bin", 100));
            assertThat(held()).doesNotContain("p.bin");
            storage().discard(state);
            assertThat(held()).isEmpty();
        }

        @Test
        void aCommitAfterACrashTakesThePlaceThatWasKept() throws Exception {
            UploadState state = crashedBeforeTheRename("p.bin");
            try (ObjectUpload upload = resumed(storage(), state)) {
                assertThat(upload.target().key()).isEqualTo("p.bin");
                assertThat(read(commit(upload))).isEqualTo(bytes(100));
            }
            storage().discard(state);
            assertThat(held()).containsExactly("p.bin");
        }

        @Test
        void aCommitElsewhereAfterACrashLetsGoOfThePlaceThatWasKept() throws Exception {
            UploadState state = crashedBeforeTheRename("p.bin");
            try (ObjectUpload upload = resumed(storage(), state)) {
                upload.commit(new ObjectRef("elsewhere.bin", 100), Precondition.ABSENT);
            }
            storage().discard(state);
            assertThat(held()).containsExactly("elsewhere.bin");
        }

        @Test
        void takeBackSparesAForeignFileWhereThePlaceWasToBeKept() throws Exception {
            UploadState state = crashedBeforeTheRename("p.bin");
            Files.writeString(root.resolve("p.bin"), "theirs");
            storage().takeBack(state, new ObjectRef("p.bin", 100));
            assertThat(root.resolve("p.bin")).hasContent("theirs");
        }

        @Test
        void aMarkThatACrashCutShortSaysNothing() throws Exception {
            UploadState state = crashedBeforeTheRename("p.bin");
            Files.writeString(root.resolve("." + state.id() + FileNames.DONE), "100\n2026-");
            storage().takeBack(state, new ObjectRef("p.bin", 100));
            assertThat(held()).contains("p.bin");
            storage().discard(state);
            assertThat(held()).containsExactly("p.bin");
        }

        @Test
        void aCommittedUploadKnowsWhereItWent() throws Exception {
            try (ObjectUpload upload = begin("k.bin", 3)) {
                upload.write(ByteBuffer.wrap(bytes(3)));
                ObjectRef ref = commit(upload);
                assertThat(reopened().resume(upload.state(), saved -> {}, stop))
                        .isEqualTo(new Resumed.AlreadyCommitted(ref));
                storage().takeBack(upload.state(), ref);
                assertThat(resumed(reopened(), upload.state()).durable()).isEqualTo(3);
            }
        }

        @Test
        void platformsThatKnowNoLinksAtAllAreServedToo() throws Exception {
            var other = new LocalStorage(root, Durability.PROCESS, 0, NO_LINKS_ON_THIS_PLATFORM);
            try (other;
                    ObjectUpload upload = other.begin(other.intend(spec("l.bin", 3)), saved -> {}, stop)) {
                upload.write(ByteBuffer.wrap(bytes(3)));
                assertThat(read(other, commit(upload))).isEqualTo(bytes(3));
            }
        }

        /// The files as the kernel leaves them when the process dies between the two steps.
        private UploadState crashedBeforeTheRename(String name) throws IOException {
            try (ObjectUpload upload = begin(name, 100)) {
                upload.write(ByteBuffer.wrap(bytes(100)));
                Path part = root.resolve(upload.state().token());
                new Mark(name, 100, Files.getLastModifiedTime(part).toInstant())
                        .write(root.resolve("." + upload.state().id() + FileNames.DONE), true);
                Files.createFile(root.resolve(name));
                return upload.state();
            }
        }
    }

    /// One folder, whatever it is set to.
    abstract static class OnDisk extends StorageContract {
        @TempDir
        @SuppressWarnings("NullAway.Init")
        Path root;

        private final Durability durability;
        private final Linker linker;

        OnDisk(Durability durability, Linker linker) {
            this.durability = durability;
            this.linker = linker;
        }

        @Override
        protected Storage open() {
            return new LocalStorage(root.resolve("objects").resolve(".."), durability, 0, linker);
        }

        @Override
        protected Set<String> held() {
            return names(root);
        }

        @Test
        void itSaysWhatItIs() {
            assertThat(storage().shape())
                    .isEqualTo(new Shape("local", false, true, true, true, durability == Durability.POWER));
        }

        @Test
        void unfinishedObjectsAreHiddenFilesBesideTheirTarget() {
            try (ObjectUpload upload = begin("a.bin", 100)) {
                upload.write(ByteBuffer.wrap(bytes(40)));
                assertThat(upload.durable()).isEqualTo(40);
                assertThat(upload.state().token())
                        .isEqualTo("." + upload.state().id() + ".sluice-part");
                assertThat(root.resolve(upload.state().token())).hasSize(40);
                assertThat(held()).containsExactly(upload.state().token());
            }
        }

        @Test
        void aPartThatIsLongerThanAnnouncedIsNotTrusted() throws Exception {
            try (ObjectUpload upload = begin("a.bin", 10)) {
                upload.write(ByteBuffer.wrap(bytes(10)));
                Files.write(root.resolve(upload.state().token()), bytes(11));
                assertThat(storage().resume(upload.state(), saved -> {}, stop)).isEqualTo(new Resumed.Gone());
            }
            assertThat(held()).isEmpty();
        }

        @Test
        void aLinkInPlaceOfThePartIsNotFollowed(@TempDir Path elsewhere) throws Exception {
            Path victim = Files.write(elsewhere.resolve("victim"), bytes(5));
            UploadState state = storage().intend(spec("a.bin", 10));
            Files.createSymbolicLink(root.resolve(state.token()), victim);
            assertProblem(ErrorCode.INTERNAL, () -> storage().begin(state, saved -> {}, stop));
            assertThat(storage().resume(state, saved -> {}, stop)).isEqualTo(new Resumed.Gone());
            assertThat(victim).hasBinaryContent(bytes(5));
        }

        @Test
        void linksFoldersAndPipesAreNoObjects(@TempDir Path elsewhere) throws Exception {
            Path victim = Files.write(elsewhere.resolve("victim"), bytes(5));
            Files.createSymbolicLink(root.resolve("link"), victim);
            Files.createDirectory(root.resolve("folder"));
            run("mkfifo", root.resolve("pipe").toString());
            for (String key : List.of("link", "folder", "pipe")) {
                assertProblem(ErrorCode.NOT_FOUND, () -> read(new ObjectRef(key, 1)));
            }
            assertProblem(ErrorCode.CONFLICT, () -> storage().delete(new ObjectRef("folder", 1)));
            storage().delete(new ObjectRef("link", 1));
            assertThat(root.resolve("link")).isSymbolicLink();
            assertThat(victim).exists();
        }

        @Test
        void aFileOfTheSameSizeUnderTheSameNameIsNotTakenForTheObject() throws Exception {
            ObjectRef mine = store("a.bin", bytes(10));
            Path file = root.resolve("a.bin");
            Files.delete(file);
            Files.write(file, new byte[10]);
            Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05.678Z")));
            assertProblem(ErrorCode.SOURCE_CHANGED, () -> read(mine));
            storage().delete(mine);
            assertThat(file).hasBinaryContent(new byte[10]);
        }

        @Test
        void anObjectIsKnownAgainInACopyOfItsFolder(@TempDir Path elsewhere) throws Exception {
            ObjectRef ref = store("a.bin", bytes(10));
            Files.copy(root.resolve("a.bin"), elsewhere.resolve("a.bin"), StandardCopyOption.COPY_ATTRIBUTES);
            try (var copy = new LocalStorage(elsewhere, Durability.PROCESS, 0)) {
                assertThat(read(copy, ref)).isEqualTo(bytes(10));
                Instant written = Instant.parse(String.valueOf(ref.stamp()));
                Files.setLastModifiedTime(
                        elsewhere.resolve("a.bin"), FileTime.from(written.truncatedTo(ChronoUnit.SECONDS)));
                assertThat(read(copy, ref)).isEqualTo(bytes(10));
                copy.delete(ref);
            }
            assertThat(elsewhere).isEmptyDirectory();
        }

        @Test
        void aLinkToThePartIsNotTakenForTheObject() throws Exception {
            try (ObjectUpload upload = begin("a.bin", 10)) {
                upload.write(ByteBuffer.wrap(bytes(10)));
                Files.createSymbolicLink(
                        root.resolve("a.bin"), root.resolve(upload.state().token()));
                storage().takeBack(upload.state(), new ObjectRef("a.bin", 10));
                assertThat(root.resolve("a.bin")).isSymbolicLink();
                assertThat(upload.target().key()).isEqualTo("a (2).bin");
            }
        }

        @Test
        void aFolderIsNeverReplaced() throws Exception {
            Files.createDirectory(root.resolve("a.bin"));
            try (ObjectUpload upload = begin("a.bin", 1)) {
                upload.write(ByteBuffer.wrap(bytes(1)));
                var target = new ObjectRef("a.bin", 1);
                assertThatThrownBy(() -> upload.commit(target, Precondition.ABSENT))
                        .isInstanceOf(Commit.TargetTaken.class);
                assertProblem(ErrorCode.CONFLICT, () -> upload.commit(target, Precondition.ANY));
                storage().discard(upload.state());
            }
            assertThat(held()).containsExactly("a.bin");
        }

        @Test
        void aCrashBeforeTheReplacingRenameLeavesNothing() throws Exception {
            store("a.bin", bytes(7));
            try (ObjectUpload upload = begin("a.bin", 3)) {
                upload.write(ByteBuffer.wrap(bytes(3)));
                Path second = root.resolve("." + upload.state().id() + FileNames.NEW);
                Files.createLink(second, root.resolve(upload.state().token()));
                assertThat(read(upload.commit(new ObjectRef("a.bin", 3), Precondition.ANY)))
                        .isEqualTo(bytes(3));
                Files.deleteIfExists(second);
                Files.write(second, bytes(1));
                storage().discard(upload.state());
            }
            assertThat(held()).containsExactly("a.bin");
        }

        @Test
        void anUploadIsNotBegunTwice() {
            try (ObjectUpload upload = begin("a.bin", 10)) {
                upload.write(ByteBuffer.wrap(bytes(4)));
                assertProblem(ErrorCode.INTERNAL, () -> storage().begin(upload.state(), saved -> {}, stop));
                assertThat(root.resolve(upload.state().token())).hasSize(4);
            }
        }

        @Test
        void theNextFreeNameIsCountedThenMarked() throws Exception {
            for (int n = 1; n <= 9; n++) {
                store("a.tar.gz", bytes(1));
            }
            assertThat(held())
                    .contains("a.tar.gz", "a.tar (2).gz", "a.tar (9).gz")
                    .hasSize(9);
            assertThat(store("a.tar.gz", bytes(1)).key()).matches("a\\.tar \\([0-9a-f]{8}\\)\\.gz");
        }

        @Test
        void aNameLikeOneOfOurHiddenOnesIsSetApart() throws Exception {
            assertThat(store(".x.sluice-part", bytes(1)).key()).isEqualTo("_.x.sluice-part");
        }

        @Test
        void hostileStatesAndKeysLeadNowhere(@TempDir Path elsewhere) throws Exception {
            Path victim = Files.write(elsewhere.resolve("victim"), bytes(5));
            String up = root.toRealPath().relativize(victim.toRealPath()).toString();
            try (ObjectUpload upload = begin("a.bin", 10)) {
                UploadState good = upload.state();
                for (String bad :
                        List.of(up, victim.toString(), "..", ".", "", "a/b", "a\\b", "a\0b", ".y.sluice-part")) {
                    var ref = new ObjectRef(bad, 5);
                    var token = new UploadState(good.id(), "a.bin", 10, "", bad);
                    assertProblem(ErrorCode.INTERNAL, () -> storage().discard(token));
                    assertProblem(ErrorCode.INTERNAL, () -> storage().takeBack(token, ref));
                    assertProblem(ErrorCode.INTERNAL, () -> storage().takeBack(good, ref));
                    assertProblem(ErrorCode.INTERNAL, () -> storage().begin(token, saved -> {}, stop));
                    assertProblem(ErrorCode.INTERNAL, () -> storage().resume(token, saved -> {}, stop));
                    assertProblem(ErrorCode.INTERNAL, () -> storage().delete(ref));
                    assertProblem(ErrorCode.INTERNAL, () -> read(ref));
                    assertProblem(ErrorCode.INTERNAL, () -> upload.commit(ref, Precondition.ANY));
                    if (!bad.startsWith(".y")) {
                        assertProblem(ErrorCode.INTERNAL, () -> storage().intend(new ObjectSpec("ok", bad, 1, "")));
                    }
                }
                for (String id : List.of("../x", "", "a/b", "x".repeat(65))) {
                    assertProblem(ErrorCode.INTERNAL, () -> storage().intend(new ObjectSpec(id, "a", 1, "")));
                    var state = new UploadState(id, "a", 1, "", "." + id + ".sluice-part");
                    assertProblem(ErrorCode.INTERNAL, () -> storage().discard(state));
                }
            }
            assertThat(victim).hasBinaryContent(bytes(5));
        }

        @Test
        void workRunsOnDiskThreadsOfItsOwn() {
            Thread ran = CompletableFuture.supplyAsync(
                            Thread::currentThread, storage().executor())
                    .join();
            assertThat(ran.getName()).matches("disk-.*-[1-4]");
            assertThat(ran.isDaemon()).isTrue();
            assertThat(ran.isVirtual()).isFalse();
        }

        @Test
        void spaceThatIsNotThereIsRefused() {
            storage().requireSpace(1);
            ProblemException full =
                    assertProblem(ErrorCode.DISK_FULL, () -> storage().requireSpace(Long.MAX_VALUE));
            assertThat(missing(full)).isPositive();
            assertThat(full).hasMessageContaining(root.getFileName().toString());
        }
    }

    @Test
    void aFullDiskSaysHowMuchIsMissingAndTheUploadGoesOnOnceThereIsRoom(@TempDir Path mountPoint) throws Exception {
        try (var disk = Tmpfs.mount(mountPoint, "size=8m");
                var storage = new LocalStorage(disk.path(), Durability.POWER, 0)) {
            Path ballast = Files.write(disk.path().resolve("ballast"), new byte[2 << 20]);
            byte[] bytes = StorageContract.bytes(7 << 20);
            var stop = new StopToken();
            UploadState intent = storage.intend(new ObjectSpec("full", "big.bin", bytes.length, ""));
            try (ObjectUpload upload = storage.begin(intent, saved -> {}, stop)) {
                ProblemException full =
                        StorageContract.assertProblem(ErrorCode.DISK_FULL, () -> upload.write(ByteBuffer.wrap(bytes)));
                int durable = (int) upload.durable();
                assertThat(durable).isBetween(5 << 20, 6 << 20);
                assertThat(disk.path().resolve(intent.token())).hasSize(durable);
                long missing = missing(full);
                assertThat(missing).isBetween(1L, (long) bytes.length - durable);
                assertThat(full)
                        .hasMessageContaining(missing + " bytes")
                        .hasMessageContaining(disk.path().toString());

                Files.delete(ballast);
                upload.write(ByteBuffer.wrap(bytes, durable, bytes.length - durable));
                upload.commit(upload.target(), Precondition.ABSENT);
                assertThat(disk.path().resolve("big.bin")).hasBinaryContent(bytes);
            }
        }
    }

    @Test
    void theReserveStaysFree(@TempDir Path mountPoint) throws Exception {
        try (var disk = Tmpfs.mount(mountPoint, "size=8m");
                var storage = new LocalStorage(disk.path(), Durability.PROCESS, 6 << 20)) {
            storage.requireSpace(2 << 20);
            ProblemException full =
                    StorageContract.assertProblem(ErrorCode.DISK_FULL, () -> storage.requireSpace((2 << 20) + 17));
            assertThat(full.problem().details()).containsEntry("missing_bytes", 17L);
        }
    }

    @Test
    void aDiskThatCannotHoldOneMoreNameIsFull(@TempDir Path mountPoint) throws Exception {
        try (var disk = Tmpfs.mount(mountPoint, "size=8m,nr_inodes=3");
                var storage = new LocalStorage(disk.path(), Durability.PROCESS, 0)) {
            Files.createFile(disk.path().resolve("1"));
            Files.createFile(disk.path().resolve("2"));
            UploadState intent = storage.intend(new ObjectSpec("full", "a", 5, ""));
            StorageContract.assertProblem(
                    ErrorCode.DISK_FULL, () -> storage.begin(intent, saved -> {}, new StopToken()));
        }
    }

    @Test
    void theFolderIsMadeWithItsParents(@TempDir Path folder) {
        Path root = folder.resolve("a/b/c");
        try (var storage = new LocalStorage(root, Durability.POWER, 0)) {
            assertThat(storage.shape().kind()).isEqualTo("local");
            assertThat(root).isDirectory();
        }
    }

    @Test
    void aFileIsNoFolder(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertUnusable(file);
        assertUnusable(file.resolve("below"));
    }

    /// Rights do not bind the superuser, a mount does.
    @Test
    void aFolderThatCannotBeWrittenToIsRefused(@TempDir Path mountPoint) throws Exception {
        try (var disk = Tmpfs.mount(mountPoint, "size=1m,ro")) {
            assertUnusable(disk.path());
            assertUnusable(disk.path().resolve("below"));
        }
    }

    @Test
    void aFolderThatCannotBeReadIsRefusedUnlessToTheSuperuser(@TempDir Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("-wx------"));
        try {
            if (Files.isReadable(folder)) {
                new LocalStorage(folder, Durability.POWER, 0).close();
            } else {
                assertUnusable(folder);
            }
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void whatLiesOnADiskThatIsAwayIsNotTakenForGone(@TempDir Path folder) throws IOException {
        try (var storage = new LocalStorage(folder.resolve("disk"), Durability.PROCESS, 0)) {
            UploadState state = storage.intend(new ObjectSpec("id", "a", 5, ""));
            Files.delete(folder.resolve("disk"));
            StorageContract.assertProblem(ErrorCode.INTERNAL, () -> storage.discard(state));
            StorageContract.assertProblem(ErrorCode.INTERNAL, () -> storage.takeBack(state, new ObjectRef("a", 5)));
        }
    }

    private static void assertUnusable(Path root) {
        ProblemException refused = StorageContract.assertProblem(
                ErrorCode.INTERNAL, () -> new LocalStorage(root, Durability.POWER, 0).close());
        assertThat(refused).hasMessageContaining(root.toString()).hasMessageContaining(": ");
    }

    private static long missing(ProblemException full) {
        return (long) full.problem().details().getOrDefault("missing_bytes", -1L);
    }

    private static Set<String> names(Path root) {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new AssertionError(String.join(" ", command) + " failed: " + said.strip());
        }
    }

    /// A small disk of its own; to mount one takes the rights of the superuser.
    record Tmpfs(Path path) implements AutoCloseable {
        static Tmpfs mount(Path where, String options) throws IOException {
            run("mount", "-t", "tmpfs", "-o", options, "tmpfs", where.toString());
            return new Tmpfs(where);
        }

        @Override
        public void close() throws IOException {
            run("umount", path.toString());
        }
    }
}
