package dev.sluice.imports;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The shapes that banks give their files, from the first byte to what lies in either database.
@ParameterizedClass
@EnumSource(LedgerStore.class)
class BankShapesTest {
    @TempDir
    Path folder;

    private final LedgerStore store;

    @SuppressWarnings("NullAway.Init")
    private TestingNode node;

    BankShapesTest(LedgerStore store) {
        this.store = store;
    }

    @BeforeEach
    void start() {
        node = new TestingNode(folder, store.opening(folder), 10);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Job imported(String text) {
        return node.completes(node.submit(text));
    }

    private Job imported(String text, Charset charset) {
        return node.completes(node.submit(text.getBytes(charset)));
    }

    /// In the order of the file.
    private List<Booked> booked() {
        return node.booked().stream()
                .sorted(Comparator.comparingLong(Booked::line))
                .toList();
    }

    private static RowFacts facts(Job job) {
        return job.facts().as(RowFacts.class);
    }

    /// What the database itself holds, by lines: amount, currency and whether a cell looks like a formula.
    private void areStored(Tuple... rows) {
        List<Tuple> stored = node.ledger
                .database()
                .read(handle -> handle.createQuery("SELECT amount, currency, formula FROM transactions ORDER BY line")
                        .map((row, context) ->
                                tuple(row.getLong("amount"), row.getString("currency"), row.getInt("formula") == 1))
                        .list());
        assertThat(stored).containsExactly(rows);
    }

    private static final String POLISH = """
            Bank Przykładowy S.A.;;
            Rachunek;12 3456;

            Data operacji;Opis operacji;Kwota;Waluta;Saldo po operacji
            2026-01-05;Żabka Kraków;-12,50;PLN;1 234,56
            2026-01-06;Przelew;1 000,00;PLN;2 234,56
            2026-01-07;Odsetki;0,07;PLN;2 234,63

            Saldo końcowe;2 234,63
            """.replace("\n", "\r\n");

    private void isThePolishFile(Job job) {
        assertThat(facts(job)).isEqualTo(new RowFacts(3, 3, 0, 0));
        areStored(tuple(-1_250L, "PLN", false), tuple(100_000L, "PLN", false), tuple(7L, "PLN", false));
        assertThat(booked()).extracting(Booked::booked).containsExactly("2026-01-05", "2026-01-06", "2026-01-07");
        assertThat(booked()).extracting(Booked::balance).containsExactly(123_456L, 223_456L, 223_463L);
        assertThat(booked()).extracting(Booked::line).containsExactly(5L, 6L, 7L);
    }

    @Test
    void thePolishOne() {
        node.imports.keep(
                Owner.LOCAL,
                new Profile(
                        "polish", "windows-1250", null, null, null, null, null, null, null, Map.of(), null, List.of()));
        Job job = node.completes(node.submit(POLISH.getBytes(Charset.forName("windows-1250")), "polish"));

        isThePolishFile(job);
        assertThat(booked().getFirst().description()).isEqualTo("Żabka Kraków");
    }

    /// The words are wrong where nobody says the encoding, but no amount is.
    @Test
    void thePolishOneOfWhichNobodySaysTheEncoding() {
        isThePolishFile(imported(POLISH, Charset.forName("ISO-8859-2")));
    }

    /// Its names begin with a mark, and its rows have a field more than the header.
    @Test
    void thePolishOneWithMarkedNames() {
        Job job = imported("""
                mBank S.A. Bankowość Detaliczna;
                Skrytka Pocztowa 2108;

                #Klient;
                JAN KOWALSKI;

                #Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;
                2026-01-05;"ŻABKA KRAKÓW";"mKonto 1111 ... 2222";"Żywność";-12,50 PLN;;
                2026-01-06;"PRZELEW";"mKonto 1111 ... 2222";"Wpływy";1 000,00 PLN;;
                """);
        assertThat(facts(job)).isEqualTo(new RowFacts(2, 2, 0, 0));
        areStored(tuple(-1_250L, "PLN", false), tuple(100_000L, "PLN", false));
        assertThat(booked()).extracting(Booked::description).containsExactly("ŻABKA KRAKÓW", "PRZELEW");
        assertThat(booked()).extracting(Booked::bankCategory).containsExactly("Żywność", "Wpływy");
    }

    @Test
    void utf16() {
        String text =
                "Date\tDescription\tAmount\tCurrency\n2026-01-05\tCafé\t-12.50\tEUR\n2026-01-06\tŻabka\t1,000.00\tPLN\n";
        Job job = imported("\ufeff" + text, UTF_16LE);
        assertThat(facts(job)).isEqualTo(new RowFacts(2, 2, 0, 0));
        areStored(tuple(-1_250L, "EUR", false), tuple(100_000L, "PLN", false));
        assertThat(booked()).extracting(Booked::description).containsExactly("Café", "Żabka");

        for (Charset charset : List.of(UTF_16LE, UTF_16BE, UTF_8)) {
            assertThat(facts(imported(text, charset))).as(charset.name()).isEqualTo(new RowFacts(2, 0, 2, 0));
        }
    }

    @Test
    void aMarkBeforeQuotedNames() {
        imported("\ufeff\"Buchungstag\";\"Verwendungszweck\";\"Betrag\";\"Währung\"\n"
                + "\"27.03.2026\";\"Müller; \"\"Bäcker\"\"\";\"-1.234,56\";\"EUR\"\n");
        areStored(tuple(-123_456L, "EUR", false));
        assertThat(booked().getFirst().description()).isEqualTo("Müller; \"Bäcker\"");
        assertThat(booked().getFirst().booked()).isEqualTo("2026-03-27");
    }

    @Test
    void columnsForDebitsAndCredits() {
        Job job = imported("""
                Date,Description,Debit,Credit,Currency
                2026-01-02,a,12.50,,EUR
                2026-01-03,b,,7.00,EUR
                2026-01-04,c,-3.00,,EUR
                2026-01-05,d,5.00,0.00,EUR
                2026-01-06,e,5.00,6.00,EUR
                2026-01-07,f,,,EUR
                """);
        assertThat(facts(job)).isEqualTo(new RowFacts(6, 4, 0, 2));
        areStored(
                tuple(-1_250L, "EUR", false),
                tuple(700L, "EUR", false),
                tuple(-300L, "EUR", false),
                tuple(-500L, "EUR", false));
        assertThat(node.rejects(job))
                .extracting(Reject::line, Reject::code)
                .containsExactly(tuple(6L, "debit_and_credit"), tuple(7L, "missing_amount"));
    }

    @Test
    void aColumnThatSaysDebitOrCredit() {
        imported("""
                Buchungstag;Verwendungszweck;Betrag;Währung;Soll/Haben
                27.03.2026;Miete;700,00;EUR;S
                28.03.2026;Lohn;2.000,00;EUR;H
                """);
        areStored(tuple(-70_000L, "EUR", false), tuple(200_000L, "EUR", false));
    }

    @Test
    void bracketsForWhatIsBelowZero() {
        imported("""
                Date,Description,Amount,Currency
                2026-01-02,a,(12.00),USD
                2026-01-03,b,12.00,USD
                2026-01-04,c,"(1,234.56)",USD
                """);
        areStored(tuple(-1_200L, "USD", false), tuple(1_200L, "USD", false), tuple(-123_456L, "USD", false));
    }

    @Test
    void aSignBehindTheAmountOrOfItsOwnSort() {
        imported("""
                Datum;Text;Betrag;Währung
                27.03.2026;a;12,00-;EUR
                28.03.2026;b;\u2212 1.234,50;EUR
                29.03.2026;c;-42,00;EUR
                30.03.2026;d;+3,00;EUR
                """);
        areStored(
                tuple(-1_200L, "EUR", false),
                tuple(-123_450L, "EUR", false),
                tuple(-4_200L, "EUR", false),
                tuple(300L, "EUR", false));
    }

    @Test
    void apostrophesForThousands() {
        imported("""
                Datum,Text,Betrag,Währung
                27.03.2026,a,1'234.56,CHF
                28.03.2026,b,-12'345'678.90,CHF
                29.03.2026,c,-0.05,CHF
                30.03.2026,d,1\u2019234.56,CHF
                """);
        areStored(
                tuple(123_456L, "CHF", false),
                tuple(-1_234_567_890L, "CHF", false),
                tuple(-5L, "CHF", false),
                tuple(123_456L, "CHF", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00a0", "\u202f", " "})
    void spacesForThousandsThatDoNotBreak(String space) {
        imported("Date;Libellé;Montant;Devise\n27/03/2026;a;-1" + space + "234,56;EUR\n28/03/2026;b;1" + space + "000"
                + space + "000,00 €;EUR\n29/03/2026;c;12,00;EUR\n");
        areStored(tuple(-123_456L, "EUR", false), tuple(100_000_000L, "EUR", false), tuple(1_200L, "EUR", false));
    }

    @Test
    void anUnbreakableSpaceOfWindows() {
        Job job = imported(
                "Date;Libellé;Montant\n27/03/2026;Péage;-1\u00a0234,56 €\n28/03/2026;b;12,00 €\n",
                Charset.forName("windows-1252"));
        assertThat(facts(job)).isEqualTo(new RowFacts(2, 2, 0, 0));
        areStored(tuple(-123_456L, "EUR", false), tuple(1_200L, "EUR", false));
        assertThat(booked().getFirst().description()).isEqualTo("Péage");
    }

    @Test
    void cellsThatLookLikeFormulas() {
        imported("""
                Date,Description,Payee,Amount,Currency
                2026-01-02,=cmd|'/c calc'!A1,x,-1.50,EUR
                2026-01-03,Coffee,"=HYPERLINK(""http://x"",""y"")",-2.50,EUR
                2026-01-04,+49 170 123,x,-42.00,EUR
                2026-01-05,Coffee,@SUM(A1),-0.50,EUR
                """);
        areStored(
                tuple(-150L, "EUR", true),
                tuple(-250L, "EUR", true),
                tuple(-4_200L, "EUR", false),
                tuple(-50L, "EUR", true));
        assertThat(booked().getFirst().description()).isEqualTo("=cmd|'/c calc'!A1");
        assertThat(booked().get(1).counterparty()).isEqualTo("=HYPERLINK(\"http://x\",\"y\")");
        assertThat(booked().get(2).description()).isEqualTo("+49 170 123");
    }

    @ParameterizedTest
    @ValueSource(strings = {";", ",", "\t", "|"})
    void aFirstLineForASpreadsheet(String delimiter) {
        List<List<String>> records = List.of(
                List.of("sep="),
                List.of("Date", "Description", "Amount", "Currency"),
                List.of("2026-01-02", "Coffee", "-1.50", "EUR"),
                List.of("2026-01-03", "\"Bar; 5, 6\"", "-2.50", "EUR"));
        Job job = imported(records.stream()
                .map(fields -> String.join(delimiter, fields) + "\r\n")
                .collect(Collectors.joining())
                .replace("sep=", "sep=" + delimiter));

        assertThat(facts(job)).isEqualTo(new RowFacts(2, 2, 0, 0));
        areStored(tuple(-150L, "EUR", false), tuple(-250L, "EUR", false));
        assertThat(booked()).extracting(Booked::description).containsExactly("Coffee", "Bar; 5, 6");
        assertThat(booked()).extracting(Booked::line).containsExactly(3L, 4L);
    }

    @Test
    void currenciesBesideAmountsAndInNames() {
        imported("Date,Description,Amount (GBP)\n2026-01-02,a,-1.50\n2026-01-03,b,£2.50\n2026-01-04,c,-3.00 USD\n");
        areStored(tuple(-150L, "GBP", false), tuple(250L, "GBP", false), tuple(-300L, "USD", false));
    }

    @Test
    void currenciesWithoutCents() {
        imported(
                "Date,Description,Amount,Currency\n2026-01-02,a,-1200,JPY\n2026-01-03,b,1.250,KWD\n2026-01-04,c,12.5,EUR\n");
        areStored(tuple(-1_200L, "JPY", false), tuple(1_250L, "KWD", false), tuple(1_250L, "EUR", false));
    }
}
