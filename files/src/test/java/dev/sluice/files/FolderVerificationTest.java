package dev.sluice.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Meter;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FolderVerificationTest {
    private static final int MIB = 1024 * 1024;
    private static final Manifest.Creation WHO =
            new Manifest.Creation(Instant.parse("2026-03-01T12:00:00Z"), "host", "Sluice", "1");

    @TempDir
    Path root;

    Path folder;
    final StopToken stop = new StopToken();
    final Meter meter = new Meter();

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(root.resolve("card"));
    }

    @Test
    void whatWasCopiedIsVerified() throws IOException {
        Path plain = file("Clips/a.mov", "clip");
        Path odd = file("Übersicht & <Notizen> 🎬 .txt", "notes\n");
        Path empty = file("empty", "");
        register(HashKind.XXH64, plain, odd);
        register(HashKind.MD5, empty);
        var prepared = new ConcurrentSkipListSet<Path>();

        var result = verify(prepared::add);

        assertThat(states(result))
                .containsExactly("VERIFIED Clips/a.mov", "VERIFIED empty", "VERIFIED Übersicht & <Notizen> 🎬 .txt");
        assertThat(result.clean()).isTrue();
        assertThat(result.files()).isEqualTo(3);
        assertThat(result.bytes()).isEqualTo(10);
        assertThat(prepared).containsExactlyInAnyOrder(plain, odd, empty);
        assertThat(meter.bytes()).isEqualTo(10);
        assertThat(meter.total()).isEqualTo(10);
    }

    @Test
    void whatChangedIsGoneOrNewIsFound() throws IOException {
        Path flipped = file("flipped", "0123456789");
        Path longer = file("longer", "0123456789");
        Path gone = file("gone", "x");
        Path link = file("link", "x");
        register(HashKind.XXH64, flipped, longer, gone, link);
        Files.writeString(flipped, "0123456788");
        Files.writeString(longer, "0123456789 and more");
        Files.delete(gone);
        Files.delete(link);
        Files.createSymbolicLink(link, flipped);
        file("new & unknown", "x");
        Files.createSymbolicLink(folder.resolve("another link"), flipped);

        var result = verify();

        assertThat(states(result))
                .containsExactly(
                        "CHANGED flipped",
                        "MISSING gone",
                        "CHANGED link",
                        "CHANGED longer",
                        "UNREGISTERED new & unknown");
        assertThat(result.clean()).isFalse();
        Finding first = result.findings().getFirst();
        assertThat(first.expected()).isEqualTo(hash(HashKind.XXH64, "0123456789"));
        assertThat(first.found()).isEqualTo(hash(HashKind.XXH64, "0123456788"));
        assertThat(result.findings().get(3).message()).isEqualTo("this file has 19 bytes instead of 10");
    }

    @Test
    void theNewestHashThatDidNotFailCounts() throws IOException {
        Path replaced = file("replaced", "old");
        Path spoilt = file("spoilt", "good");
        register(HashKind.XXH64, replaced, spoilt);
        Files.writeString(replaced, "new");
        register(HashKind.MD5, replaced);
        Files.writeString(spoilt, "bad");
        Manifest.write(
                folder,
                WHO,
                List.of(new Manifest.Entry(
                        "spoilt", 3L, null, HashKind.XXH64, hash(HashKind.XXH64, "bad"), Manifest.Action.FAILED)));
        assertThat(states(verify())).containsExactly("VERIFIED replaced", "CHANGED spoilt");
    }

    @Test
    void aBrokenChainIsFoundAndTheFilesAreCheckedAllTheSame() throws IOException {
        Path manifest = register(HashKind.XXH64, file("a", "a"));
        Files.writeString(manifest, Files.readString(manifest) + "\n");
        assertThat(states(verify())).containsExactly("VERIFIED a", "CHANGED ascmhl/0001_card_2026-03-01_120000Z.mhl");
    }

    @Test
    void manifestsOfFoldersFurtherDownCountBelowThem() throws IOException {
        register(HashKind.XXH64, file("Summary.txt", "all"));
        Path reel = file("Reels/A/clip", "clip");
        Path card = folder.resolve("Reels/A");
        Path manifest = Manifest.write(card, WHO, List.of(entry(card, HashKind.MD5, reel)));
        assertThat(states(verify())).containsExactly("VERIFIED Reels/A/clip", "VERIFIED Summary.txt");

        Files.delete(manifest);
        assertThat(states(verify()))
                .containsExactly(
                        "MISSING Reels/A/ascmhl/" + manifest.getFileName(),
                        "UNREGISTERED Reels/A/clip",
                        "VERIFIED Summary.txt");
    }

    @Test
    void whatIsIgnoredIsNoNewFile() throws IOException {
        register(HashKind.XXH64, file("a", "a"));
        file("sub/.DS_Store", "");
        assertThat(states(verify())).containsExactly("VERIFIED a");

        var ignored = new IgnoredFiles(List.of("*.tmp", "cache/", "/top", "a/**/b", "[broken"));
        assertThat(List.of("x.tmp", "a/x.tmp", "cache/deep/x", "top", "a/x/y/b").stream()
                        .map(Path::of))
                .allMatch(ignored::matches);
        assertThat(List.of("x.tmp2", "cached", "a/top", "b").stream().map(Path::of))
                .noneMatch(ignored::matches);
    }

    @Test
    void whatCannotBeReadIsSaidAndTheOthersGoOn() throws IOException {
        register(HashKind.XXH64, file("bad", "x"), file("good", "x"));
        var result = verify(file -> {
            if (file.endsWith("bad")) {
                throw new IOException("Input/output error");
            }
        });
        assertThat(states(result)).containsExactly("UNREADABLE bad", "VERIFIED good");
        assertThat(result.findings().getFirst().message()).isEqualTo("it cannot be read: Input/output error");
        assertThat(result.files()).isEqualTo(1);
    }

    @Test
    void aFileThatVanishesMeanwhileIsMissing() throws IOException {
        register(HashKind.XXH64, file("a", "x"));
        assertThat(states(verify(Files::delete))).containsExactly("MISSING a");
    }

    @Test
    void aHashOfAnotherKindIsSaidToBeUncheckable() throws IOException {
        file("a", "x");
        Files.createDirectory(folder.resolve("ascmhl"));
        Files.writeString(folder.resolve("ascmhl/0001_card.mhl"), """
                <hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
                <creatorinfo><creationdate>2020-01-16T09:15:00Z</creationdate></creatorinfo>
                <hashes><hash><path>a</path><xxh128>x</xxh128></hash></hashes></hashlist>""");
        var result = verify();
        assertThat(states(result)).containsExactly("UNREADABLE a", "UNREGISTERED ascmhl/0001_card.mhl");
        assertThat(result.findings().getFirst().message()).contains("xxh128 only");
    }

    @Test
    void aFolderWithoutManifestsIsRefusedWithTheWayToMakeOne() throws IOException {
        file("a", "a");
        assertNotFound("`sluice copy … --mhl`");
        Files.createDirectory(folder.resolve("ascmhl"));
        assertNotFound("there are no manifests in " + folder);
        folder = root.resolve("nowhere");
        assertNotFound("there is no folder " + folder);
        folder = Files.writeString(root.resolve("file"), "");
        assertThatThrownBy(this::verify).isInstanceOf(ProblemException.class).hasMessageContaining("is no folder");
    }

    // ---- Cancelling

    @Test
    @Timeout(60)
    void cancelInTheMiddleOfABigFileStopsWithinOneStep() throws IOException {
        Path big = folder.resolve("big");
        try (var sparse = new RandomAccessFile(big.toFile(), "rw")) {
            sparse.setLength(64L * 1024 * MIB);
        }
        Manifest.write(
                folder,
                WHO,
                List.of(new Manifest.Entry(
                        "big", null, null, HashKind.XXH64, "0000000000000001", Manifest.Action.ORIGINAL)));
        var firedAt = new long[1];
        Thread canceller = Thread.ofPlatform().start(() -> {
            while (meter.bytes() < 8 * MIB) {
                Thread.onSpinWait();
            }
            stop.fire(StopReason.CANCELLED);
            firedAt[0] = meter.bytes();
        });
        assertThatThrownBy(this::verify).isInstanceOf(Stopped.class);
        join(canceller);
        // One step may be under way when the token fires, and one more be counted before the canceller has looked.
        assertThat(meter.bytes() - firedAt[0]).isLessThanOrEqualTo(MIB);
    }

    @Test
    @Timeout(60)
    void cancelBetweenFilesStopsAllThreads() throws IOException {
        var files = new ArrayList<Path>();
        for (int i = 0; i < 50; i++) {
            files.add(file("f" + i, "x"));
        }
        register(HashKind.XXH64, files.toArray(Path[]::new));
        var prepared = new ConcurrentSkipListSet<Path>();
        assertThatThrownBy(() -> new FolderVerification(
                                folder,
                                3,
                                file -> {
                                    prepared.add(file);
                                    stop.fire(StopReason.PAUSED);
                                },
                                stop,
                                meter)
                        .run())
                .isInstanceOf(Stopped.class);
        assertThat(prepared).hasSizeLessThanOrEqualTo(3);
        assertThat(meter.bytes()).isZero();
    }

    @Test
    void cancelBeforeTheStartReadsNothing() throws IOException {
        register(HashKind.XXH64, file("a", "x"));
        stop.fire(StopReason.CANCELLED);
        assertThatThrownBy(this::verify).isInstanceOf(Stopped.class);
        assertThat(meter.bytes()).isZero();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertNotFound(String message) {
        assertThatThrownBy(this::verify)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContaining(message);
    }

    private FolderVerification.Result verify() throws IOException {
        return verify(FolderVerification.BeforeReading.NOTHING);
    }

    private FolderVerification.Result verify(FolderVerification.BeforeReading before) throws IOException {
        return new FolderVerification(folder, 2, before, stop, meter).run();
    }

    private static List<String> states(FolderVerification.Result result) {
        return result.findings().stream()
                .map(finding -> finding.state() + " " + finding.path())
                .toList();
    }

    private Path file(String path, String content) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private Path register(HashKind kind, Path... files) throws IOException {
        var entries = new ArrayList<Manifest.Entry>();
        for (Path file : files) {
            entries.add(entry(folder, kind, file));
        }
        return Manifest.write(folder, WHO, entries);
    }

    private static Manifest.Entry entry(Path below, HashKind kind, Path file) throws IOException {
        return new Manifest.Entry(
                Manifest.pathOf(below, file),
                Files.size(file),
                Files.getLastModifiedTime(file).toInstant(),
                kind,
                hash(kind, Files.readString(file)),
                Manifest.Action.ORIGINAL);
    }

    private static String hash(HashKind kind, String content) {
        Digest digest = kind.start();
        digest.update(ByteBuffer.wrap(content.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        return digest.hex();
    }
}
