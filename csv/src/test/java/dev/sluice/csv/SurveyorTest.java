package dev.sluice.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The shapes that banks' files come in.
class SurveyorTest {
    private static final String PLAIN = "Date,Description,Amount\n2026-01-02,Coffee,-3.50\n2026-01-03,Rent,-900.00\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Survey survey(String text) {
        return Surveyed.survey(Surveyed.file(folder, text));
    }

    @Test
    void aPlainFileIsUnderstood() {
        Survey survey = survey(PLAIN);
        assertThat(survey.dialect()).isEqualTo(new Dialect(','));
        assertThat(survey.encoding()).isEqualTo(new Encoding(StandardCharsets.UTF_8, 0, false));
        assertThat(survey.header()).isTrue();
        assertThat(survey.records()).isEqualTo(2);
        assertThat(survey.warnings()).isEmpty();
        assertThat(survey.columns())
                .extracting(Column::type)
                .containsExactly(ColumnType.DATE, ColumnType.TEXT, ColumnType.DECIMAL);
        assertThat(survey.columns().get(2).negatives()).isEqualTo(2);
    }

    @Test
    void thePolishShapeIsUnderstood() {
        String text = """
                Bank Przykładowy S.A.;;
                Rachunek;12 3456;
                Zestawienie za okres | styczeń

                Data operacji;Opis;Kwota;Saldo
                2026-01-05;Żabka Kraków, Długa 5;-12,50;1 234,56
                2026-01-06;Przelew "wewnętrzny";1 000,00;2 234,56
                2026-01-07;Opłata;-5,00;2 229,56

                Saldo końcowe;2 229,56
                Dokument wygenerowany elektronicznie
                """.replace("\n", "\r\n");
        Path file = Surveyed.file(folder, text, Charset.forName("windows-1250"));
        Survey survey = Surveyed.survey(file, Overrides.NONE.withEncoding(Charset.forName("windows-1250")));
        assertThat(survey.dialect().delimiter()).isEqualTo(';');
        assertThat(survey.tableLine()).isEqualTo(5);
        assertThat(Surveyed.names(survey)).containsExactly("Data operacji", "Opis", "Kwota", "Saldo");
        assertThat(survey.records()).isEqualTo(3);
        assertThat(survey.footer()).isEqualTo(2);
        assertThat(survey.columns().get(2).decimalMark()).isEqualTo(DecimalMark.COMMA);
        assertThat(Surveyed.codes(survey)).containsExactly("preamble", "footer");
        assertThat(Surveyed.rows(file, survey).getFirst()).contains("Żabka Kraków, Długa 5");

        Survey assumed = Surveyed.survey(file);
        assertThat(assumed.encoding()).isEqualTo(new Encoding(Surveyed.WINDOWS, 0, true));
        assertThat(Surveyed.codes(assumed)).contains("encoding_assumed");
        assertThat(assumed.records()).isEqualTo(3);
    }

    @Test
    void amountsWithAnUnbreakableSpaceOrAEuroSignAreAmountsInWindows1252Too() {
        String text = """
                Date;Libellé;Montant;Solde
                27/03/2026;Péage;-1\u00a0234,56;12,00 €
                28/03/2026;Café;-2\u00a0000,00;9,00 €
                """;
        Survey survey = Surveyed.survey(Surveyed.file(folder, text, Surveyed.WINDOWS));
        assertThat(survey.encoding()).isEqualTo(new Encoding(Surveyed.WINDOWS, 0, true));
        assertThat(survey.columns().subList(2, 4)).allSatisfy(column -> {
            assertThat(column.type()).isEqualTo(ColumnType.DECIMAL);
            assertThat(column.numbers()).isEqualTo(2);
            assertThat(column.decimalMark()).isEqualTo(DecimalMark.COMMA);
        });
        assertThat(survey.columns().get(2).negatives()).isEqualTo(2);
        assertThat(survey.records()).isEqualTo(2);
    }

    @Test
    void bytesThatWindows1252DoesNotHaveSpeakAgainstIt() {
        Path file = Surveyed.file(folder, PLAIN + "2026-01-04,Źdźbło,-1.00\n", Charset.forName("windows-1250"));
        Survey survey = Surveyed.survey(file);
        assertThat(survey.encoding().assumed()).isTrue();
        assertThat(Surveyed.codes(survey)).containsExactly("encoding_assumed", "encoding_doubtful");
        assertThat(survey.warnings().getFirst().line()).isEqualTo(4);
    }

    @Test
    void latin1IsReadAsWindows1252() {
        Path file = Surveyed.file(
                folder,
                "Datum;Empfänger;Betrag\n02.01.2026;Müller;12,50\n03.01.2026;Café 3 €;1,00\n",
                Surveyed.WINDOWS);
        Survey survey = Surveyed.survey(file);
        assertThat(survey.encoding()).isEqualTo(new Encoding(Surveyed.WINDOWS, 0, true));
        assertThat(Surveyed.names(survey)).containsExactly("Datum", "Empfänger", "Betrag");
        assertThat(Surveyed.rows(file, survey).get(1)).containsExactly("03.01.2026", "Café 3 €", "1,00");
    }

    @Test
    void aFirstByteBeyondAsciiFarBehindTheBeginningIsSeen() {
        Path file = Surveyed.file(
                folder,
                PLAIN + "2026-01-04,Coffee,-1.00\n".repeat(60_000) + "2026-01-05,Müller,1.00\n",
                Surveyed.WINDOWS);
        Survey survey = Surveyed.survey(file);
        assertThat(survey.encoding().assumed()).isTrue();
        assertThat(survey.warnings().getFirst().line()).isEqualTo(60_004);
        assertThat(Surveyed.rows(file, survey).getLast()).contains("Müller");
    }

    @Test
    void oneBrokenByteAmongManyUmlautsLeavesItUtf8() {
        byte[] text = (PLAIN + "2026-01-04,Müller Köln,-1.00\n".repeat(100) + "2026-01-05,x~,1.00\n")
                .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < text.length; i++) {
            text[i] = text[i] == '~' ? (byte) 0xc3 : text[i];
        }
        Survey survey = Surveyed.survey(Surveyed.file(folder, text));
        assertThat(survey.encoding().charset()).isEqualTo(StandardCharsets.UTF_8);
        assertThat(Surveyed.codes(survey)).containsExactly("invalid_bytes");
    }

    @Test
    void utf16IsKnownByItsMarkAndWithoutOne() {
        for (Charset charset : new Charset[] {StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE}) {
            for (String mark : new String[] {"\ufeff", ""}) {
                Path file = Surveyed.file(folder, mark + PLAIN.replace("Coffee", "Café"), charset);
                Survey survey = Surveyed.survey(file);
                assertThat(survey.encoding()).isEqualTo(new Encoding(charset, 2 * mark.length(), false));
                assertThat(Surveyed.names(survey)).containsExactly("Date", "Description", "Amount");
                assertThat(Surveyed.rows(file, survey).getFirst()).contains("Café");
            }
        }
    }

    @Test
    void aMarkBeforeAQuotedHeaderIsNoPartOfIt() {
        Path file =
                Surveyed.file(folder, "\ufeff\"Date\",\"Description\",\"Amount\"\n\"2026-01-02\",\"a,b\",\"-3.50\"\n");
        Survey survey = Surveyed.survey(file);
        assertThat(survey.encoding()).isEqualTo(new Encoding(StandardCharsets.UTF_8, 3, false));
        assertThat(Surveyed.names(survey)).containsExactly("Date", "Description", "Amount");
        assertThat(Surveyed.rows(file, survey).getFirst()).containsExactly("2026-01-02", "a,b", "-3.50");
    }

    @Test
    void theDelimiterIsSaidInTheFirstLineByExcel() {
        Path file =
                Surveyed.file(folder, "sep=|\nDate|Text|Amount\n2026-01-02|a;b;c;d|1,00\n2026-01-03|a;b;c;d|2,00\n");
        Survey survey = Surveyed.survey(file);
        assertThat(survey.dialect().delimiter()).isEqualTo('|');
        assertThat(survey.tableLine()).isEqualTo(2);
        assertThat(survey.records()).isEqualTo(2);
    }

    @Test
    void eachDelimiterIsFound() {
        for (char delimiter : new char[] {',', ';', '\t', '|'}) {
            Survey survey = survey(PLAIN.replace(',', delimiter));
            assertThat(survey.dialect().delimiter()).isEqualTo(delimiter);
            assertThat(survey.records()).isEqualTo(2);
        }
    }

    @Test
    void decimalCommasDoNotDelimit() {
        Survey survey = survey("Datum;Text;Betrag;Saldo\n02.01.2026;a;1,50;2,50\n03.01.2026;b;2,50;5,00\n");
        assertThat(survey.dialect().delimiter()).isEqualTo(';');
        assertThat(survey.columns()).hasSize(4);
    }

    @Test
    void apostrophesQuoteWhereTheyStandAroundFields() {
        Path file = Surveyed.file(
                folder, "'Date','Text','Amount'\n'2026-01-02','a,b','1.00'\n'2026-01-03','it''s','2.00'\n");
        Survey survey = Surveyed.survey(file);
        assertThat(survey.dialect().quote()).isEqualTo('\'');
        assertThat(Surveyed.rows(file, survey).get(1)).containsExactly("2026-01-03", "it's", "2.00");
    }

    @Test
    void quotesEscapedByBackslashesAreUnderstood() {
        Path file = Surveyed.file(
                folder, "Date,Text,Amount\n2026-01-02,\"say \\\"a, b\\\"\",1.00\n2026-01-03,\"c:\\\\d\",2.00\n");
        Survey survey = Surveyed.survey(file);
        assertThat(survey.dialect().escape()).isEqualTo(Dialect.Escape.BACKSLASH);
        assertThat(Surveyed.rows(file, survey).get(0)).containsExactly("2026-01-02", "say \"a, b\"", "1.00");
        assertThat(Surveyed.rows(file, survey).get(1)).containsExactly("2026-01-03", "c:\\d", "2.00");
    }

    @Test
    void textBehindAClosingQuoteIsTakenAndTold() {
        Path file = Surveyed.file(folder, PLAIN + "2026-01-04,\"Bar\" Berlin,-1.00\n");
        Survey survey = Surveyed.survey(file);
        assertThat(survey.dialect().lenient()).isTrue();
        assertThat(Surveyed.codes(survey)).contains("text_after_quote");
        assertThat(Surveyed.rows(file, survey).getLast()).containsExactly("2026-01-04", "Bar Berlin", "-1.00");
    }

    @Test
    void aFileWithoutHeaderHasNone() {
        Survey survey = survey("2026-01-02,Coffee,-3.50\n2026-01-03,Rent,-900.00\n");
        assertThat(survey.header()).isFalse();
        assertThat(survey.records()).isEqualTo(2);
        assertThat(Surveyed.names(survey)).containsExactly("column 1", "column 2", "column 3");
    }

    @Test
    void oneLineThatIsDataIsATable() {
        Survey survey = survey("2026-01-02,Coffee,-3.50");
        assertThat(survey.header()).isFalse();
        assertThat(survey.records()).isEqualTo(1);
    }

    @Test
    void whatWasSaidIsKept() {
        Path file = Surveyed.file(folder, "x\ny,z\n1,2\n3,4\n");
        Survey survey = Surveyed.survey(
                file, Overrides.NONE.withSkipLines(2).withHeader(true).withDelimiter(','));
        assertThat(Surveyed.names(survey)).containsExactly("1", "2");
        assertThat(survey.records()).isEqualTo(1);
        assertThat(survey.tableLine()).isEqualTo(3);
    }

    @Test
    void aFooterWithAllItsDelimitersIsNoRowEither() {
        Survey survey = survey("Datum;Text;Betrag\n02.01.2026;a;1,50\n03.01.2026;b;2,50\nSaldo;;4,00\n;;\n;;\n");
        assertThat(survey.records()).isEqualTo(2);
        assertThat(survey.columns().getFirst().type()).isEqualTo(ColumnType.DATE);
    }

    @Test
    void aRowThatIsCutOffIsNoFooter() {
        Survey survey = survey(PLAIN + "2026-01-04,Caf");
        assertThat(survey.records()).isEqualTo(3);
        assertThat(survey.uneven()).isEqualTo(1);
        assertThat(Surveyed.codes(survey)).containsExactly("uneven_rows");
    }

    @Test
    void aFieldThatSwallowsRowsIsTold() {
        Survey survey = survey(PLAIN + "2026-01-04,\"Caf,-1.00\n2026-01-05,Bar\",-1.00\n");
        assertThat(Surveyed.codes(survey)).contains("swallowed_rows");
    }

    @Test
    void linesThatEndInCarriageReturnsAreLines() {
        Path file = Surveyed.file(folder, PLAIN.replace('\n', '\r'));
        Survey survey = Surveyed.survey(file);
        assertThat(survey.records()).isEqualTo(2);
        assertThat(Surveyed.rows(file, survey).get(1)).containsExactly("2026-01-03", "Rent", "-900.00");
    }

    @Test
    void shiftJisIsReadWhereItIsSaid() {
        Charset japanese = Charset.forName("Shift_JIS");
        Path file = Surveyed.file(folder, "日付,表示,金額\n2026/01/02,ソース,1200\n2026/01/03,表,900\n", japanese);
        Survey survey = Surveyed.survey(file, Overrides.NONE.withEncoding(japanese));
        assertThat(Surveyed.rows(file, survey).getFirst()).containsExactly("2026/01/02", "ソース", "1200");
    }

    // ---- What is no table

    private void refused(Path file, String reason, long line) {
        assertThatThrownBy(() -> Surveyed.survey(file)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
            assertThat(e.problem().details()).containsEntry("reason", reason);
            if (line > 0) {
                assertThat(e.problem().details()).containsEntry("line", line);
                assertThat(e.problem().message()).contains("line " + line);
            }
        });
    }

    @Test
    void anEmptyFileIsRefused() {
        refused(Surveyed.file(folder, ""), "empty_file", 0);
        refused(Surveyed.file(folder, "\r\n\r\n  \r\n"), "empty_file", 0);
    }

    @Test
    void aHeaderAloneIsRefused() {
        refused(Surveyed.file(folder, "Date,Description,Amount\n"), "only_header", 1);
        refused(Surveyed.file(folder, "Date,Description,Amount"), "only_header", 1);
    }

    @Test
    void anUnclosedQuoteIsNamedByItsLine() {
        String rows = "2026-01-04,Coffee,-1.00\n".repeat(100_000);
        refused(
                Surveyed.file(folder, "Date,Text,Amount\n2026-01-02,a,1.00\n2026-01-03,\"b,2.00\n" + rows),
                "unclosed_quote",
                3);
        refused(
                Surveyed.file(folder, "Date,Text,Amount\n2026-01-02,a,1.00\n2026-01-03,\"b,2.00\n2026-01-04,c,1\n"),
                "unclosed_quote",
                3);
    }

    @Test
    void anUnclosedQuoteFarDownIsNamedByItsLine() {
        String rows = "2026-01-04,\"Two\nlines\",-1.00\n".repeat(50_000);
        refused(
                Surveyed.file(folder, "Date,Text,Amount\n" + rows + "2026-01-03,\"b,2.00\n"),
                "unclosed_quote",
                100_002);
    }

    @Test
    void aFileIsReadWithAnUnclosedQuoteIfItIsSaidToHaveNone() {
        Path file = Surveyed.file(folder, PLAIN + "2026-01-04,\"b,2.00\n");
        Survey survey = Surveyed.survey(file, Overrides.NONE.withQuote(Dialect.NO_QUOTE));
        assertThat(Surveyed.rows(file, survey).getLast()).containsExactly("2026-01-04", "\"b", "2.00");
    }

    @Test
    void moreThan256ColumnsAreRefused() {
        String row = "1,".repeat(299) + "1\n";
        refused(Surveyed.file(folder, row.repeat(3)), "too_many_columns", 1);
    }

    @Test
    void aFieldThatIsTooLongIsRefused() {
        refused(Surveyed.file(folder, PLAIN + "2026-01-04," + "x".repeat(70_000) + ",1.00\n"), "field_too_long", 4);
        refused(Surveyed.file(folder, PLAIN + "2026-01-04," + "x".repeat(700_000) + ",1.00\n"), "field_too_long", 4);
    }

    @Test
    void aRecordThatIsTooLongIsRefused() {
        String fields = ("x".repeat(60_000) + ",").repeat(20);
        refused(Surveyed.file(folder, PLAIN + fields + "\n"), "record_too_long", 4);
    }

    @Test
    void bytesOfZeroAreRefused() {
        refused(Surveyed.file(folder, PLAIN + "2026-01-04,a\0b,1.00\n"), "nul_bytes", 4);
        refused(Surveyed.file(folder, PLAIN + "2026-01-04,Coffee,-1.00\n".repeat(60_000) + "a\0"), "nul_bytes", 60_004);
    }

    @Test
    void proseIsNoTable() {
        refused(Surveyed.file(folder, """
                        Dear customer,
                        please find, attached, your statement of January; it is new.
                        We thank you.
                        Yours, as ever, truly, and so on,
                        the bank
                        PS: no reply
                        """), "no_table", 0);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> Surveyed.survey(folder.resolve("none.csv")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("none.csv is not there");
    }

    @Test
    void progressIsToldInStepsAndAStopEndsTheSurvey() throws Exception {
        Path file = folder.resolve("large.csv");
        var bytes = new ByteArrayOutputStream();
        bytes.write("Date,Text,Amount\n".getBytes(StandardCharsets.UTF_8));
        bytes.write("2026-01-04,Coffee,-1.00\n".repeat(400_000).getBytes(StandardCharsets.UTF_8));
        Files.write(file, bytes.toByteArray());
        var read = new AtomicLong();
        var stop = new StopToken();
        assertThatThrownBy(() -> new Surveyor().survey(file, Overrides.NONE, stop, so -> {
                    if (read.getAndSet(so) >= 3 << 20) {
                        stop.fire(StopReason.CANCELLED);
                    }
                }))
                .isInstanceOf(Stopped.class);
        assertThat(read.get()).isBetween(3L << 20, 6L << 20);
        new Surveyor().survey(file, Overrides.NONE, new StopToken(), read::set);
        assertThat(read.get()).isEqualTo(Files.size(file));
    }

    @Test
    void progressNeverGoesBack() {
        Path file = Surveyed.file(
                folder, PLAIN + "2026-01-04,Coffee,-1.00\n".repeat(100_000) + "2026-01-04,\"Bar\" Berlin,-1.00\n");
        var told = new ArrayList<Long>();
        Survey survey = new Surveyor().survey(file, Overrides.NONE, new StopToken(), told::add);
        assertThat(survey.dialect().lenient()).isTrue();
        assertThat(told).isSorted().endsWith(survey.size());
    }
}
