package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FormulaCellTest {
    @Test
    void whatASpreadsheetWouldRunIsOne() {
        for (String text : new String[] {
            "=1+1",
            "@SUM(A1)",
            "+A1",
            "-A1",
            "-2+3+cmd|' /C calc'!A0",
            "=cmd|'/c calc'!A1",
            "x HYPERLINK(\"http://x\")",
            "importxml(1)",
            "＝1"
        }) {
            assertThat(FormulaCell.is(text)).as(text).isTrue();
        }
    }

    @Test
    void numbersAndTelephonesAreNone() {
        for (String text :
                new String[] {"", "-", "-42.00", "+49 (170) 123-45", "-1.234,56", "Coffee (bar)", "a|b", "1=1"}) {
            assertThat(FormulaCell.is(text)).as(text).isFalse();
        }
    }
}
