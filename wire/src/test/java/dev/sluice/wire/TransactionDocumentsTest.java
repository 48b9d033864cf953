package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.imports.Booked;
import dev.sluice.imports.BookedQuery;
import dev.sluice.imports.Reject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Transactions and rejects as they are shown and handed out.
class TransactionDocumentsTest {
    private static Booked booked(long amount, String currency, String description, @Nullable String counterparty) {
        return new Booked(
                7,
                "i1",
                "main",
                "2026-11-21",
                null,
                amount,
                currency,
                description,
                counterparty,
                null,
                null,
                null,
                null,
                null,
                false,
                2,
                "groceries",
                0.93,
                "brand",
                "m1");
    }

    @Test
    void moneyIsExactInDecimalsAndInMinorUnits() {
        assertThat(Json.text(TransactionDocument.of(booked(-1250, "EUR", "REWE", "Rewe"))))
                .isEqualTo("{\"id\":7,\"import\":\"i1\",\"account\":\"main\",\"booked\":\"2026-11-21\","
                        + "\"amount\":\"-12.50\",\"amountMinor\":-1250,\"currency\":\"EUR\",\"description\":\"REWE\","
                        + "\"counterparty\":\"Rewe\",\"category\":\"groceries\",\"confidence\":0.93,"
                        + "\"source\":\"brand\",\"model\":\"m1\",\"formula\":false,\"line\":2}");
        assertThat(TransactionDocument.of(booked(1250, "JPY", "x", null)).amount())
                .isEqualTo("1250");
        assertThat(TransactionDocument.of(booked(1250, "KWD", "x", null)).amount())
                .isEqualTo("1.250");
        assertThat(TransactionDocument.of(booked(5, "XXX", "x", null))).satisfies(unknown -> {
            assertThat(unknown.amount()).isEqualTo("0.05");
            assertThat(unknown.currency()).isNull();
        });
    }

    @Test
    void aPageSaysWhereTheNextOneBegins() {
        var page = new BookedQuery.Page(
                List.of(booked(1, "EUR", "x", null)), Map.of(), 12, new BookedQuery.After("2026-11-21", 7));
        TransactionListDocument document = TransactionListDocument.of(page);
        assertThat(document.total()).isEqualTo(12);
        assertThat(TransactionListDocument.after(String.valueOf(document.next())))
                .contains(new BookedQuery.After("2026-11-21", 7));
        assertThat(TransactionListDocument.after("7")).isEmpty();
    }

    @Test
    void aLineOfCsvHasACellForEachName() {
        String line = new TransactionsCsv().line(booked(-1250, "EUR", "a \"b\", c\r\nd", "=HYPERLINK(1)"));
        assertThat(line)
                .isEqualTo("7,\"main\",2026-11-21,,-12.50,EUR,\"a \"\"b\"\", c\r\nd\",\"'=HYPERLINK(1)\",,,,,,"
                        + "groceries,0.93,brand,i1,2\r\n");
        assertThat(TransactionsCsv.HEAD.chars().filter(c -> c == ',').count()).isEqualTo(17);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+49 170 1234567",
                "@SUM(A1)",
                "-cmd|' /C calc'!A0",
                "\tx",
                "\rx",
                "\0x",
                "-",
                "-1+1",
                "-1e5",
                "＝1"
            })
    void whatASpreadsheetTakesForAFormulaIsMadeHarmless(String text) {
        assertThat(CsvLine.harmless(text)).isEqualTo("'" + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "REWE", "-42", "-42.00", "-1.234,56", "1=2", "'=x", "a-b"})
    void otherTextsStandAsTheyAreAndNegativeNumbersToo(String text) {
        assertThat(CsvLine.harmless(text)).isEqualTo(text);
    }

    @Test
    void rejectsNameTheirPlaceAndKeepTheirRow() {
        assertThat(RejectsCsv.text(List.of(
                        new Reject(3, 120, "Betrag", "bad_amount", "\"abc\" is no amount", "2026-01-01;=x;abc"),
                        new Reject(9, 400, null, "too_few_columns", "2 of 3", "=1;2"))))
                .isEqualTo("line,offset,column,code,message,raw\r\n"
                        + "3,120,\"Betrag\",bad_amount,\"\"\"abc\"\" is no amount\",\"2026-01-01;=x;abc\"\r\n"
                        + "9,400,,too_few_columns,\"2 of 3\",\"'=1;2\"\r\n");
    }
}
