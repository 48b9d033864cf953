package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.csv.Overrides;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BookkeepingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private BookedRow amount(String header, String fields) {
        return Bank.file(folder, "Date;Description;" + header + "\n2026-01-02;x;" + fields + "\n2026-01-02;x;-1,50\n")
                .booked(0);
    }

    @Test
    void everythingThatAFileTellsIsBooked() {
        Bank bank = Bank.file(folder, """
                Buchungstag;Valuta;Auftraggeber/Empfänger;IBAN Zahlungsbeteiligter;Verwendungszweck;Referenz;Betrag;Währung;Saldo;Kategorie;MCC;Auftragskonto
                02.01.2026;13.01.2026; REWE ;DE89370400440532013000;Einkauf;R1;-1.012,50;EUR;100,00;Lebensmittel;5411;DE02120300000000202051
                """);
        assertThat(bank.booked(0))
                .isEqualTo(new BookedRow(
                        2,
                        LocalDate.of(2026, 1, 2),
                        LocalDate.of(2026, 1, 13),
                        -101_250,
                        "EUR",
                        "Einkauf",
                        "REWE",
                        "DE89370400440532013000",
                        "R1",
                        10_000L,
                        "Lebensmittel",
                        "5411",
                        "DE02120300000000202051",
                        false));
    }

    @Test
    void thePolishShapeIsBooked() {
        Bank bank = Bank.file(
                folder,
                """
                Bank Przykładowy S.A.;;
                Rachunek;12 3456;

                Data operacji;Opis operacji;Kwota;Waluta;Saldo po operacji
                2026-01-05;Żabka Kraków;-12,50;PLN;1 234,56
                2026-01-06;Przelew;1 000,00;PLN;2 234,56

                Saldo końcowe;2 234,56
                """.replace("\n", "\r\n"),
                Charset.forName("windows-1250"),
                Overrides.NONE.withEncoding(Charset.forName("windows-1250")));
        assertThat(bank.rows()).hasSize(2);
        assertThat(bank.booked(0).description()).isEqualTo("Żabka Kraków");
        assertThat(bank.booked(1).amountMinor()).isEqualTo(100_000);
        assertThat(bank.booked(1).line()).isEqualTo(6);
    }

    @Test
    void utf16IsBooked() {
        Bank bank = Bank.file(
                folder,
                "\ufeffDate\tDescription\tAmount\n2026-01-05\tCafé\t-12.50\n",
                StandardCharsets.UTF_16LE,
                Overrides.NONE);
        assertThat(bank.booked(0).description()).isEqualTo("Café");
    }

    @Test
    void debitsAndCreditsHaveColumnsOfTheirOwn() {
        Bank bank = Bank.file(folder, """
                Date,Description,Debit,Credit
                2026-01-02,a,12.50,
                2026-01-02,b,,7.00
                2026-01-02,c,-3.00,
                2026-01-02,d,5.00,0.00
                2026-01-02,e,5.00,6.00
                2026-01-02,f,,
                """);
        assertThat(bank.booked(0).amountMinor()).isEqualTo(-1250);
        assertThat(bank.booked(1).amountMinor()).isEqualTo(700);
        assertThat(bank.booked(2).amountMinor()).isEqualTo(-300);
        assertThat(bank.booked(3).amountMinor()).isEqualTo(-500);
        assertThat(bank.rejected(4).code()).isEqualTo("debit_and_credit");
        assertThat(bank.rejected(5).code()).isEqualTo("missing_amount");
    }

    @Test
    void aColumnSaysWhichWayMoneyGoes() {
        Bank bank = Bank.file(folder, """
                Datum;Omschrijving;Af Bij;Bedrag
                20260102;a;Af;12,50
                20260102;b;Bij;7,00
                20260102;c;Soll;1,00
                20260102;d;H;1,00
                20260102;e;DBIT;1,00
                20260102;f;perhaps;1,00
                20260102;g;Bij;-1,00
                """);
        assertThat(bank.booked(0).amountMinor()).isEqualTo(-1250);
        assertThat(bank.booked(1).amountMinor()).isEqualTo(700);
        assertThat(bank.booked(2).amountMinor()).isEqualTo(-100);
        assertThat(bank.booked(3).amountMinor()).isEqualTo(100);
        assertThat(bank.booked(4).amountMinor()).isEqualTo(-100);
        assertThat(bank.rejected(5).code()).isEqualTo("unknown_direction");
        assertThat(bank.rejected(6).code()).isEqualTo("contradictory_direction");
    }

    @Test
    void signsOfEveryShapeAreRead() {
        assertThat(amount("Amount", "(12,00)").amountMinor()).isEqualTo(-1200);
        assertThat(amount("Amount", "12,00-").amountMinor()).isEqualTo(-1200);
        assertThat(amount("Amount", "1'234,50").amountMinor()).isEqualTo(123_450);
        assertThat(amount("Amount", "1\u00a0234,50").amountMinor()).isEqualTo(123_450);
        assertThat(amount("Amount", "12,00 S").amountMinor()).isEqualTo(-1200);
        assertThat(amount("Amount", "-42,00").formula()).isFalse();
    }

    @Test
    void aCurrencyBesideTheAmountIsItsOwn() {
        assertThat(amount("Amount", "12,00 €").currency()).isEqualTo("EUR");
        assertThat(amount("Amount", "-12,00 USD").currency()).isEqualTo("USD");
        assertThat(amount("Amount", "12,00").currency()).isNull();
    }

    @Test
    void minorUnitsAreThoseOfTheCurrency() {
        Bank bank = Bank.file(folder, """
                Date,Description,Amount,Currency
                2026-01-02,a,-1200,JPY
                2026-01-02,b,1.250,KWD
                2026-01-02,c,12.5,EUR
                2026-01-02,d,12.5,JPY
                2026-01-02,e,1.00,Taler
                2026-01-02,f,1.00,€
                """);
        assertThat(bank.booked(0).amountMinor()).isEqualTo(-1200);
        assertThat(bank.booked(1).amountMinor()).isEqualTo(1250);
        assertThat(bank.booked(2).amountMinor()).isEqualTo(1250);
        assertThat(bank.rejected(3).code()).isEqualTo("too_precise");
        assertThat(bank.rejected(4).code()).isEqualTo("unknown_currency");
        assertThat(bank.booked(5).currency()).isEqualTo("EUR");
    }

    @Test
    void severalDescriptionsAreJoined() {
        Bank bank = Bank.file(
                folder, "Date,Description,Details,Amount\n2026-01-02,Card,Bar 5,-1.50\n2026-01-02,,Rent,-2.00\n");
        assertThat(bank.booked(0).description()).isEqualTo("Card Bar 5");
        assertThat(bank.booked(1).description()).isEqualTo("Rent");
    }

    @Test
    void whatIsWrongIsRejectedWithItsPlace() {
        String above = "Date,Description,Amount\r\n2026-01-02,\"a\r\nb\",-1.50\r\n";
        Bank bank = Bank.file(
                folder,
                above + "2026-02-30,\"c\",-1.50\r\n2026-01-02,d\r\n,e,1.00\r\n2026-01-02,f,\r\n2026-01-02,g,abc\r\n");
        assertThat(bank.rejected(1))
                .isEqualTo(new Reject(
                        4,
                        above.length(),
                        "Date",
                        "invalid_date",
                        "'2026-02-30' is no date as in yyyy-MM-dd",
                        "2026-02-30,\"c\",-1.50"));
        assertThat(bank.rejected(2).code()).isEqualTo("wrong_field_count");
        assertThat(bank.rejected(2).raw()).isEqualTo("2026-01-02,d");
        assertThat(bank.rejected(3).code()).isEqualTo("missing_date");
        assertThat(bank.rejected(4).code()).isEqualTo("missing_amount");
        assertThat(bank.rejected(5).code()).isEqualTo("invalid_amount");
        assertThat(bank.rejected(5).column()).isEqualTo("Amount");
    }

    @Test
    void amountsBeyondALongAreRejected() {
        Bank bank = Bank.file(
                folder,
                "Date,Description,Amount\n2026-01-02,a,-1.50\n2026-01-02,b,-1.50\n2026-01-02,c,99999999999999999999.00\n");
        assertThat(bank.rejected(2).code()).isEqualTo("amount_too_large");
    }

    @Test
    void cellsThatLookLikeFormulasAreFlaggedAndKept() {
        Bank bank = Bank.file(
                folder, "Date,Description,Amount\n2026-01-02,=cmd|'/c calc'!A1,-1.50\n2026-01-02,+49 170 123,-42.00\n");
        assertThat(bank.booked(0).formula()).isTrue();
        assertThat(bank.booked(0).description()).isEqualTo("=cmd|'/c calc'!A1");
        assertThat(bank.booked(1).formula()).isFalse();
    }

    @Test
    void twoEqualRowsStayTwo() {
        Bank bank = Bank.file(folder, "Date,Description,Amount\n2026-01-02,Coffee,-1.50\n2026-01-02,Coffee,-1.50\n");
        assertThat(bank.rows()).hasSize(2);
    }
}
