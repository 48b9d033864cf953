package dev.sluice.files;

import static dev.sluice.files.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.files.Mapping.Pair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MappingTest {
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    @BeforeProperty
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mapping");
    }

    @AfterEach
    @AfterProperty
    void deleteFolder() throws IOException {
        for (String name : List.of("mapping.csv", "mapping.json", "mapping.xlsx")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
    }

    @Test
    void columnsArePartedByWhatTheFirstLineHas() {
        assertThat(csv("a.exr,b.exr\nc.exr,d.exr\n"))
                .containsExactly(new Pair("a.exr", "b.exr", 1, 1), new Pair("c.exr", "d.exr", 2, 1));
        assertThat(csv("a;b\r\nc,1;d\r\n")).containsExactly(new Pair("a", "b", 1, 1), new Pair("c,1", "d", 2, 1));
        assertThat(csv("a\tb")).containsExactly(new Pair("a", "b", 1, 1));
        assertThat(csv("\n\n\"a,1,2;x\";b\n")).containsExactly(new Pair("a,1,2;x", "b", 3, 1));
        assertThat(csv("")).isEmpty();
    }

    @Test
    void aHeaderAndAByteOrderMarkArePassedOver() {
        assertThat(csv("\ufeffSource;Target\na;b")).containsExactly(new Pair("a", "b", 2, 1));
        assertThat(csv("\ufeffa,b")).containsExactly(new Pair("a", "b", 1, 1));
        assertThat(csv("a,b\nsource,target")).hasSize(2);
        assertThat(json("\ufeff[[\"a\",\"b\"]]")).containsExactly(new Pair("a", "b", 1, 3));
    }

    @Test
    void quotesKeepWhatTheyEnclose() {
        assertThat(csv("\"a \"\"1\"\"\",b\n\"two\r\nlines\",c\nd,e"))
                .containsExactly(
                        new Pair("a \"1\"", "b", 1, 1), new Pair("two\r\nlines", "c", 2, 1), new Pair("d", "e", 4, 1));
    }

    @Test
    void jsonHasThreeForms() {
        assertThat(json("[{\"source\":\"a\",\"target\":\"b\"},\n {\"target\":\"d\",\"source\":\"c\"}]"))
                .containsExactly(new Pair("a", "b", 1, 12), new Pair("c", "d", 2, 25));
        assertThat(json("[[\"a\",\"b\"],[\"c\",\"d\"]]"))
                .containsExactly(new Pair("a", "b", 1, 3), new Pair("c", "d", 1, 13));
        assertThat(json("{\n  \"a\": \"b\",\n  \"c\": \"d\"}"))
                .containsExactly(new Pair("a", "b", 2, 3), new Pair("c", "d", 3, 3));
        assertThat(json("[]")).isEmpty();
        assertThat(json("{}")).isEmpty();
    }

    @Test
    void anErrorOfACsvSaysWhereItIs() {
        assertCsvRefused("a,b\nc,d\nlong.name.1,", "mapping.csv, line 3, column 13: the target is empty");
        assertCsvRefused("a,b\n ,d", "mapping.csv, line 2, column 1: the source is empty");
        assertCsvRefused("a,b\nc", "mapping.csv, line 2, column 1: a row has two columns");
        assertCsvRefused("a,b\n\"c\"\"\n,x\",d,e", "mapping.csv, line 3, column 7: a row has two columns");
        assertCsvRefused("a,b\nc,\"d\n\n", "mapping.csv, line 2, column 3: the column that begins here");
        assertCsvRefused("a,b\n\"c\"x,d", "mapping.csv, line 2, column 1: the column that begins here");
        assertCsvRefused("just text", "mapping.csv, line 1, column 1: a row has two columns");
        assertCsvRefused("a,b;c", "mapping.csv, line 1, column 1: more than one of");
        assertCsvRefused("a,b\n" + "c".repeat(70_000) + ",d", "mapping.csv, line 2, column 1: ");
    }

    @Test
    void anErrorOfAJsonSaysWhereItIs() {
        assertJsonRefused("[[\"a\",\n \"\"]]", "mapping.json, line 2, column 2: the target is empty");
        assertJsonRefused("[[\"a\"]]", "mapping.json, line 1, column 6: the target is expected");
        assertJsonRefused("[[\"a\",\"b\",\"c\"]]", "mapping.json, line 1, column 11: a pair has two");
        assertJsonRefused("[{\"source\":\"a\"}]", "mapping.json, line 1, column 15: this pair has no target");
        assertJsonRefused(
                "[{\"source\":\"a\",\"to\":\"b\"}]", "mapping.json, line 1, column 16: the member \"to\" is unknown");
        assertJsonRefused(
                "[{\"source\":\"a\",\"source\":\"b\"}]", "mapping.json, line 1, column 16: the source stands here");
        assertJsonRefused("[{\"source\":1}]", "mapping.json, line 1, column 12: the source is expected");
        assertJsonRefused("[\"a\"]", "mapping.json, line 1, column 2: a pair is expected");
        assertJsonRefused("{\"a\":{}}", "mapping.json, line 1, column 6: the target is expected");
        assertJsonRefused("{\"\":\"b\"}", "mapping.json, line 1, column 2: the source is empty");
        assertJsonRefused("{\"source\":\"a\",\"target\":\"b\"}", "mapping.json, line 1, column 1: an object alone");
        assertJsonRefused("[] []", "mapping.json, line 1, column 4: nothing is expected");
        assertJsonRefused("", "mapping.json, line 1, column 1: an array");
        assertJsonRefused("[[\"a\",\n\"b\"", "mapping.json, line 2, column ");
        assertJsonRefused("[[\"a\" \"b\"]]", "mapping.json, line 1, column 7: ");
        assertJsonRefused("[[\"" + "a".repeat(70_000) + "\",\"b\"]]", "mapping.json, line 1, column ");
    }

    @Test
    void whatIsNotUtf8IsRefusedWhereItStands() throws IOException {
        Path file = folder.resolve("mapping.csv");
        Files.write(file, "ä,b\r\nc,\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(() -> Mapping.read(file)).startsWith("mapping.csv, line 1, column 1: this is not UTF-8");
        Files.write(file, concat("a,b\r\nc,", new byte[] {(byte) 0xe9, '\n'}));
        assertRefused(() -> Mapping.read(file)).startsWith("mapping.csv, line 2, column 3: this is not UTF-8");
        Files.write(file, concat("a,b\nc,d", new byte[] {(byte) 0xe2, (byte) 0x82}));
        assertRefused(() -> Mapping.read(file)).startsWith("mapping.csv, line 2, column 4: this is not UTF-8");
        Path json = folder.resolve("mapping.json");
        Files.write(json, concat("[[\"a\",\n\"", new byte[] {(byte) 0xff, '"', ']', ']'}));
        assertRefused(() -> Mapping.read(json)).startsWith("mapping.json, line 2, column 2: this is not UTF-8");
    }

    @Test
    void aFileThatIsNeitherOrNotThereIsRefused() throws IOException {
        Path table = folder.resolve("mapping.xlsx");
        Files.writeString(table, "a,b");
        assertRefused(() -> Mapping.read(table)).contains("neither .csv nor .json");
        assertThatThrownBy(() -> Mapping.read(folder.resolve("mapping.csv")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.code()).isEqualTo(ErrorCode.NOT_FOUND));
        Path inside = Files.createDirectory(folder.resolve("mapping.csv"));
        assertRefused(() -> Mapping.read(inside)).contains("cannot be read");
    }

    @Test
    void aMillionRowsAreReadAndOneMoreIsRefused() {
        String rows = "a,b\n".repeat(Mapping.MAX_PAIRS);
        assertThat(csv(rows)).hasSize(Mapping.MAX_PAIRS);
        assertCsvRefused(rows + "c,d", "mapping.csv, line 1000001, column 1: there are more than 1000000 rows");
        assertJsonRefused(
                "[" + "[\"a\",\"b\"],".repeat(Mapping.MAX_PAIRS) + "[\"a\",\"b\"]]", "mapping.json, line 1, ");
    }

    @Property(tries = 300)
    void whatIsWrittenWithQuotesIsReadAsItWas(@ForAll("paths") List<String> paths) {
        var text = new StringBuilder("source,target\n");
        for (String path : paths) {
            text.append('"').append(path.replace("\"", "\"\"")).append("\",\"t\"\r\n");
        }
        assertThat(csv(text.toString())).extracting(Pair::source).containsExactlyElementsOf(paths);
    }

    @Property(tries = 500)
    void anyBytesAreAMappingOrAProblem(@ForAll("likenesses") String text, @ForAll byte[] bytes) throws IOException {
        for (String name : List.of("mapping.csv", "mapping.json")) {
            Path file = folder.resolve(name);
            for (byte[] content : new byte[][] {bytes, text.getBytes(StandardCharsets.UTF_8), concat(text, bytes)}) {
                Files.write(file, content);
                try {
                    Mapping.read(file).forEach(pair -> {
                        assertThat(pair.source()).isNotBlank();
                        assertThat(pair.target()).isNotBlank();
                        assertThat(pair.line()).isPositive();
                        assertThat(pair.column()).isPositive();
                    });
                } catch (ProblemException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.problem().message()).startsWith(name + ", line ");
                }
            }
        }
    }

    @Provide
    Arbitrary<List<String>> paths() {
        return Arbitraries.strings()
                .withChars("ab ,;\"\t\n/.é😀")
                .ofMinLength(1)
                .ofMaxLength(12)
                .filter(path ->
                        !path.isBlank() && StandardCharsets.UTF_8.newEncoder().canEncode(path))
                .list()
                .ofMaxSize(20);
    }

    @Provide
    Arbitrary<String> likenesses() {
        return Arbitraries.of(
                        "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"source\"", "a", "\n", ";", "\r", "\t", " ")
                .list()
                .ofMaxSize(20)
                .map(parts -> String.join("", parts));
    }

    private static byte[] concat(String text, byte[] bytes) {
        byte[] before = text.getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(before, before.length + bytes.length);
        System.arraycopy(bytes, 0, all, before.length, bytes.length);
        return all;
    }

    private Path written(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Pair> csv(String text) {
        return Mapping.read(written("mapping.csv", text));
    }

    private List<Pair> json(String text) {
        return Mapping.read(written("mapping.json", text));
    }

    private void assertCsvRefused(String text, String message) {
        assertRefused(() -> csv(text)).startsWith(message);
    }

    private void assertJsonRefused(String text, String message) {
        assertRefused(() -> json(text)).startsWith(message);
    }
}
