package dev.sluice.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvReaderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void aRecordKnowsItsLineItsPlaceAndItsText() {
        for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, Surveyed.WINDOWS)) {
            String mark = charset.equals(Surveyed.WINDOWS) ? "" : "\ufeff";
            String text =
                    mark + "Date;Text;Amount\r\n\r\n2026-01-02;\"zwei\r\nZeilen\nmit ü\";1,00\r\n2026-01-03;ä;2,00\r\n";
            Path file = Surveyed.file(folder, text, charset);
            Survey survey = Surveyed.survey(file);
            try (var reader = CsvReader.open(file, survey, new StopToken(), read -> {})) {
                CsvRow first = Objects.requireNonNull(reader.next());
                assertThat(first.line()).isEqualTo(3);
                assertThat(reader.raw()).isEqualTo("2026-01-02;\"zwei\r\nZeilen\nmit ü\";1,00");
                assertThat(reader.offset()).isEqualTo(bytes(text.substring(0, text.indexOf("2026-01-02")), charset));
                CsvRow second = Objects.requireNonNull(reader.next());
                assertThat(second.line()).isEqualTo(6);
                assertThat(reader.raw()).isEqualTo("2026-01-03;ä;2,00");
                assertThat(reader.offset()).isEqualTo(bytes(text.substring(0, text.indexOf("2026-01-03")), charset));
                assertThat(reader.next()).isNull();
            }
        }
    }

    private static long bytes(String text, Charset charset) {
        return text.getBytes(charset).length;
    }

    @Test
    void spacesAroundFieldsAreLeftOutOfTheirText() {
        Path file = Surveyed.file(folder, "Date;Text;Amount\n 2026-01-02 ;\u00a0a b\u202f; \n2026-01-03;c;1\n");
        try (var reader = CsvReader.open(file, Surveyed.survey(file), new StopToken(), read -> {})) {
            CsvRow row = Objects.requireNonNull(reader.next());
            assertThat(row.text(0)).isEqualTo("2026-01-02");
            assertThat(row.text(1)).isEqualTo("a b");
            assertThat(row.field(1)).isEqualTo("\u00a0a b\u202f");
            assertThat(row.blank(2)).isTrue();
            assertThat(row.blank(7)).isTrue();
        }
    }

    @Test
    void aFileThatGotShorterHasChanged() throws Exception {
        Path file = Surveyed.file(folder, "Date;Text;Amount\n2026-01-02;a;1\n2026-01-03;b;2\n");
        Survey survey = Surveyed.survey(file);
        Files.writeString(file, "Date;Text;Amount\n2026-01-02;a;1\n");
        try (var reader = CsvReader.open(file, survey, new StopToken(), read -> {})) {
            reader.next();
            assertThatThrownBy(reader::next)
                    .isInstanceOfSatisfying(
                            ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_CHANGED));
        }
    }

    @Test
    void aStopEndsTheReading() {
        Path file = Surveyed.file(folder, "Date;Text;Amount\n" + "2026-01-02;a;1\n".repeat(300_000));
        Survey survey = Surveyed.survey(file);
        var stop = new StopToken();
        try (var reader = CsvReader.open(file, survey, stop, read -> {})) {
            reader.next();
            stop.fire(StopReason.CANCELLED);
            assertThatThrownBy(() -> {
                        while (reader.next() != null) {}
                    })
                    .isInstanceOf(Stopped.class);
        }
    }

    @Provide
    Arbitrary<List<List<String>>> tables() {
        Arbitrary<String> field = Arbitraries.of(
                        "a", "b", ";", ",", "'", "\"", " ", "\n", "\r", "\\", "ü", "€", "\ud83d\ude00")
                .list()
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
        return field.list().ofSize(3).list().ofMinSize(1).ofMaxSize(20);
    }

    @Property(tries = 300)
    void whatIsWrittenByTheRulesIsReadAndCountedAsWritten(@ForAll("tables") List<List<String>> table) throws Exception {
        var text = new StringBuilder("Date;Text;Amount\n");
        for (List<String> row : table) {
            text.append("2026-01-02");
            for (String field : row) {
                text.append(";\"").append(field.replace("\"", "\"\"")).append('"');
            }
            text.append('\n');
        }
        Path file = Files.createTempFile("written", ".csv");
        try {
            Files.writeString(file, text);
            Overrides said = Overrides.NONE
                    .withDelimiter(';')
                    .withQuote('"')
                    .withHeader(true)
                    .withSkipLines(0);
            Survey survey = Surveyed.survey(file, said);
            List<List<String>> rows = Surveyed.rows(file, survey);
            assertThat(survey.records()).isEqualTo(table.size());
            for (int i = 0; i < table.size(); i++) {
                assertThat(rows.get(i).subList(1, 4)).isEqualTo(table.get(i));
            }
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 500)
    void whateverBytesThereAreItIsReadOrRefused(@ForAll byte[] bytes) throws Exception {
        Path file = Files.createTempFile("bytes", ".csv");
        try {
            Files.write(file, bytes);
            try {
                Survey survey = Surveyed.survey(file);
                assertThat(Surveyed.rows(file, survey)).hasSize((int) survey.records());
            } catch (ProblemException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
            }
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 1000)
    void whateverSignsThereAreItIsReadOrRefused(@ForAll("signs") String text) throws Exception {
        whateverBytesThereAreItIsReadOrRefused(text.getBytes(StandardCharsets.UTF_8));
    }

    @Provide
    Arbitrary<String> signs() {
        return Arbitraries.strings().withChars("a1;,\t|'\"\\ \n\r.-ü").ofMaxLength(80);
    }
}
