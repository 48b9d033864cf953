package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipLayoutTest {
    private static final Instant MODIFIED = Instant.parse("2026-11-21T12:34:56Z");
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    @Test
    void javaPythonAndUnzipReadTheArchive() throws Exception {
        List<byte[]> contents = List.of(text("hello"), text(""), text("x".repeat(70_000)), text("second"), text("ä"));
        var layout = layout(List.of("a.txt", "empty", "big.bin", "A.TXT", "日本語.txt"), contents);
        Path file = folder.resolve("a.zip");
        Files.write(file, bytes(layout, contents, 0, layout.length()));

        try (var zip = new ZipFile(file.toFile())) {
            List<String> names = zip.stream().map(ZipEntry::getName).toList();
            assertThat(names).containsExactly("a.txt", "empty", "big.bin", "A (2).TXT", "日本語.txt");
            for (int i = 0; i < names.size(); i++) {
                ZipEntry entry = zip.getEntry(names.get(i));
                assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(contents.get(i));
                assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(MODIFIED);
            }
        }
        run("python3", "-m", "zipfile", "-t", file.toString());
        run("unzip", "-tq", file.toString());
    }

    @Test
    void anEmptyArchiveIsOne() throws Exception {
        Path file = folder.resolve("empty.zip");
        var layout = new ZipLayout(List.of());
        Files.write(file, bytes(layout, List.of(), 0, layout.length()));
        try (var zip = new ZipFile(file.toFile())) {
            assertThat(zip.size()).isZero();
        }
        run("python3", "-m", "zipfile", "-t", file.toString());
    }

    @Test
    void manyEntriesMakeItZip64() throws Exception {
        int count = 65_536;
        var entries = new ArrayList<ZipLayout.Entry>(count);
        for (int i = 0; i < count; i++) {
            entries.add(new ZipLayout.Entry("f" + i, 0, 0, MODIFIED));
        }
        var layout = new ZipLayout(entries);
        Path file = folder.resolve("many.zip");
        Files.write(file, bytes(layout, Collections.nCopies(count, new byte[0]), 0, layout.length()));
        try (var zip = new ZipFile(file.toFile())) {
            assertThat(zip.size()).isEqualTo(count);
        }
        run("python3", "-m", "zipfile", "-l", file.toString());
    }

    /// The contents are holes: only headers are written, so that the readers' directories can be checked.
    @Test
    void hugeEntriesMakeItZip64() throws Exception {
        var layout = new ZipLayout(List.of(
                new ZipLayout.Entry("huge.bin", 5 * GIB, 1, MODIFIED),
                new ZipLayout.Entry("edge.bin", 0xffff_ffffL, 2, MODIFIED),
                new ZipLayout.Entry("last.txt", 2, crc(new byte[2]), MODIFIED)));
        Path file = folder.resolve("huge.zip");
        long at = 0;
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            for (ZipLayout.Segment segment : layout.segments()) {
                switch (segment) {
                    case ZipLayout.Segment.Bytes own -> {
                        assertThat(channel.write(ByteBuffer.wrap(own.bytes()), at))
                                .isEqualTo(own.bytes().length);
                        at += own.bytes().length;
                    }
                    case ZipLayout.Segment.Content content -> at += content.length();
                }
            }
        }
        assertThat(at).isEqualTo(layout.length()).isEqualTo(Files.size(file));
        try (var zip = new ZipFile(file.toFile())) {
            assertThat(zip.getEntry("huge.bin").getSize()).isEqualTo(5 * GIB);
            assertThat(zip.getEntry("edge.bin").getSize()).isEqualTo(0xffff_ffffL);
            assertThat(zip.getInputStream(zip.getEntry("last.txt")).readAllBytes())
                    .isEqualTo(new byte[2]);
        }
        run(
                "python3",
                "-c",
                "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.read('last.txt')==bytes(2);"
                        + "assert [i.file_size for i in z.infolist()]==[5<<30,0xffffffff,2];"
                        + "z.open('huge.bin').read(1)",
                file.toString());
    }

    @Property(tries = 300)
    void everyRangeIsTheSliceOfTheWhole(
            @ForAll @Size(max = 6) List<byte @Size(max = 40) []> contents,
            @ForAll @IntRange(max = 1_500) int a,
            @ForAll @IntRange(max = 1_500) int b)
            throws IOException {
        var layout = layout(Collections.nCopies(contents.size(), "n.txt"), contents);
        byte[] whole = bytes(layout, contents, 0, layout.length());
        assertThat(whole.length).isEqualTo((int) layout.length());
        int first = Math.min(Math.min(a, b), whole.length);
        int end = Math.min(Math.max(a, b), whole.length);
        assertThat(bytes(layout, contents, first, end - first)).isEqualTo(Arrays.copyOfRange(whole, first, end));
    }

    @Test
    void everyRangeOfASmallArchiveIsTheSliceOfTheWhole() throws IOException {
        List<byte[]> contents = List.of(text("one"), text(""), text("three"));
        var layout = layout(List.of("a", "b", "c"), contents);
        byte[] whole = bytes(layout, contents, 0, layout.length());
        for (int first = 0; first <= whole.length; first++) {
            for (int end = first; end <= whole.length; end++) {
                assertThat(Arrays.equals(
                                bytes(layout, contents, first, end - first), Arrays.copyOfRange(whole, first, end)))
                        .isTrue();
            }
        }
    }

    @Test
    void equalNamesAreNumberedAroundThoseThatAreTaken() {
        var layout = layout(
                List.of("a.txt", "a.txt", "a (2).txt", "A.txt", "b", "B", "../a.txt"),
                Collections.nCopies(7, new byte[0]));
        assertThat(List.of(layout.name(0), layout.name(1), layout.name(2), layout.name(3)))
                .containsExactly("a.txt", "a (2).txt", "a (2) (2).txt", "A (3).txt");
        assertThat(List.of(layout.name(4), layout.name(5), layout.name(6))).containsExactly("b", "B (2)", "a (4).txt");
    }

    @Test
    void theTagTellsArchivesApart() {
        var entry = new ZipLayout.Entry("a", 1, 2, MODIFIED);
        String etag = new ZipLayout(List.of(entry)).etag();
        assertThat(etag).matches("\"zip-[0-9a-f]{32}\"");
        assertThat(new ZipLayout(List.of(entry)).etag()).isEqualTo(etag);
        assertThat(new ZipLayout(List.of(new ZipLayout.Entry("a", 1, 3, MODIFIED))).etag())
                .isNotEqualTo(etag);
    }

    @Test
    void timesThatZipCannotTellAreMovedIntoItsRange() throws Exception {
        for (Instant time : List.of(Instant.EPOCH, Instant.MIN, Instant.MAX, Instant.parse("2107-12-31T23:59:59Z"))) {
            var layout = new ZipLayout(List.of(new ZipLayout.Entry("a", 0, 0, time)));
            assertThat(bytes(layout, List.of(new byte[0]), 0, layout.length())).hasSize((int) layout.length());
        }
    }

    @Test
    void whatLiesOutsideTheArchiveIsRefused() {
        var layout = new ZipLayout(List.of());
        assertThatIllegalArgumentException().isThrownBy(() -> layout.segments(0, layout.length() + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> layout.segments(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> layout.segments(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    private static ZipLayout layout(List<String> names, List<byte[]> contents) {
        var entries = new ArrayList<ZipLayout.Entry>();
        for (int i = 0; i < names.size(); i++) {
            entries.add(new ZipLayout.Entry(names.get(i), contents.get(i).length, crc(contents.get(i)), MODIFIED));
        }
        return new ZipLayout(entries);
    }

    private static byte[] bytes(ZipLayout layout, List<byte[]> contents, long first, long count) throws IOException {
        var out = new ByteArrayOutputStream();
        for (ZipLayout.Segment segment : layout.segments(first, count)) {
            switch (segment) {
                case ZipLayout.Segment.Bytes own -> {
                    assertThat(own.bytes()).isNotEmpty();
                    out.write(own.bytes());
                }
                case ZipLayout.Segment.Content content -> {
                    assertThat(content.length()).isPositive();
                    out.write(contents.get(content.index()), (int) content.offset(), (int) content.length());
                }
            }
        }
        return out.toByteArray();
    }

    private static long crc(byte[] content) {
        var crc = new CRC32();
        crc.update(content);
        return crc.getValue();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }
}
