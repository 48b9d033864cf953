package dev.sluice.imports;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.db.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What people send all the same: each is refused with a code and a sentence, and nothing of it stays.
class BadFilesTest {
    private static final String HEADER = "Buchungstag;Verwendungszweck;Betrag;Währung\n";
    private static final String ROW = "27.03.2026;Kaffee;-4,50;EUR\n";
    private static final String EICAR =
            "X5O!P%@AP[4\\PZX54(P^)7CC)7}".concat("$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    @TempDir
    Path folder;

    private TestingNode node;

    @BeforeEach
    void start() {
        node = new TestingNode(folder, () -> Database.sqlite(folder.resolve("data.db")), 1_000);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    static Stream<Arguments> files() {
        String wide = "a;".repeat(299) + "a\n";
        return Stream.of(
                argumentSet("of nothing", "", "malformed", "the file is empty"),
                argumentSet("of only spaces", " \n \n", "malformed", ""),
                argumentSet("of one line of prose", "There is nothing here.\n", "malformed", ""),
                argumentSet("of only a header", HEADER, "malformed", "header"),
                argumentSet(
                        "with a quote that is not closed in line 3 of 100,000",
                        HEADER + ROW + "27.03.2026;\"Kaffee;-4,50;EUR\n" + ROW.repeat(100_000),
                        "malformed",
                        "line 3"),
                argumentSet("of 300 columns", wide + wide.repeat(10), "malformed", "256"),
                argumentSet("with NULs", HEADER + ROW + "27.03.2026;Ka\0ffee;-4,50;EUR\n" + ROW, "malformed", ""),
                argumentSet("that is a ZIP", "PK\003\004\024\0\0\0\b\0bank.csv", "malformed", "ZIP"),
                argumentSet("that is a program", "MZ\220\0\003\0\0\0\004\0\0\0\377\377", "malformed", "program"),
                argumentSet(
                        "that is a PDF", "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n", "malformed", "is a PDF document"),
                argumentSet(
                        "that is a page",
                        "<!DOCTYPE html>\n<table><tr><td>a;b</td></tr></table>\n",
                        "malformed",
                        "is a web page"),
                argumentSet(
                        "with EICAR in a quoted cell",
                        HEADER + ROW + "27.03.2026;\"" + EICAR + "\";-4,50;EUR\n",
                        "infected",
                        "Eicar"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void aFileIsRefusedAndNothingOfItStays(String text, String code, String words) {
        Job job = node.awaitEnd(node.submit(text.getBytes(text.startsWith("MZ") ? ISO_8859_1 : UTF_8)));
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        Problem error = Objects.requireNonNull(job.error());
        assertThat(error.code().status()).isEqualTo(422);
        assertThat(error.code().code()).isEqualTo(code);
        assertThat(error.message())
                .contains(words)
                .hasSizeGreaterThan(10)
                .doesNotContain(job.id().value());
        for (String table : List.of("transactions", "decisions", "fingerprints", "rejects", "imports")) {
            assertThat(node.rows(table)).as(table).isZero();
        }
        await().untilAsserted(() -> assertThat(node.waiting()).isEmpty());
    }
}
