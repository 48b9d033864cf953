package dev.sluice.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DateReadingTest {
    private static final LocalDate DAY = LocalDate.of(2026, 2, 3);

    private final DateReading dayFirst = new DateReading(DateOrder.DAY_FIRST);
    private final DateReading monthFirst = new DateReading(DateOrder.MONTH_FIRST);

    @Test
    void anOrderIsKept() {
        assertThat(dayFirst.read("03/02/2026")).contains(DAY);
        assertThat(monthFirst.read("02/03/2026")).contains(DAY);
        assertThat(dayFirst.read("3.2.26")).contains(DAY);
        assertThat(dayFirst.read("3. 2. 2026")).contains(DAY);
        assertThat(dayFirst.read("02/13/2026")).isEmpty();
        assertThat(monthFirst.read("13/02/2026")).isEmpty();
        assertThat(new DateReading(null).read("03/02/2026")).isEmpty();
    }

    @Test
    void aYearInFrontAndAMonthInLettersNeedNoOrder() {
        for (String text : List.of(
                "2026-02-03",
                "2026/2/3",
                "20260203",
                "3 Feb 2026",
                "3. Februar 2026",
                "03-FEB-26",
                "3 février 2026",
                "3 lutego 2026",
                "3 de fevereiro de 2026",
                "February 3, 2026",
                "2026-02-03T23:59:59",
                "3 Feb 2026 10:00")) {
            assertThat(new DateReading(null).read(text)).as(text).contains(DAY);
        }
    }

    @Test
    void daysThatAreNoneAreRefused() {
        for (String text :
                List.of("29.02.2026", "31.04.2026", "00.01.2026", "1.1.1", "03.02.2026 abc", "03.02.20261")) {
            assertThat(dayFirst.read(text)).as(text).isEmpty();
        }
        assertThat(dayFirst.read("29.02.2028")).isPresent();
    }

    @Test
    void yearsOfTwoDigitsAreNear() {
        assertThat(dayFirst.read("01.01.68")).contains(LocalDate.of(2068, 1, 1));
        assertThat(dayFirst.read("01.01.69")).contains(LocalDate.of(1969, 1, 1));
    }

    @Test
    void monthsAreKnownInEightLanguages() {
        for (String language : List.of("en", "de", "fr", "es", "nl", "it", "pl", "pt")) {
            for (TextStyle style : List.of(TextStyle.FULL, TextStyle.SHORT)) {
                for (var month : java.time.Month.values()) {
                    String text = "5 " + month.getDisplayName(style, Locale.of(language)) + " 2026";
                    assertThat(dayFirst.read(text)).as(text).contains(LocalDate.of(2026, month, 5));
                }
            }
        }
    }

    @Property
    void everyDayIsReadAsItIsWritten(@ForAll @IntRange(min = -25_000, max = 80_000) int day) {
        LocalDate date = LocalDate.ofEpochDay(day);
        for (String pattern : List.of("yyyy-MM-dd", "yyyyMMdd", "dd.MM.yyyy", "d/M/yyyy", "dd-MM-yyyy")) {
            assertThat(dayFirst.read(DateTimeFormatter.ofPattern(pattern).format(date)))
                    .contains(date);
        }
        assertThat(monthFirst.read(DateTimeFormatter.ofPattern("MM/dd/yyyy").format(date)))
                .contains(date);
    }

    @Property
    void noTextBreaksIt(@ForAll @Size(max = 14) char[] text) {
        assertThat(dayFirst.read(new String(text))).isNotNull();
    }
}
