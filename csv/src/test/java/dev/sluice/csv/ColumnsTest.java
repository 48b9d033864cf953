package dev.sluice.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a column shows of itself.
class ColumnsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Survey survey(String... values) {
        return survey(Overrides.NONE, values);
    }

    private Survey survey(Overrides overrides, String... values) {
        var text = new StringBuilder("Name;Number;Value\n");
        for (String value : values) {
            text.append("x;5;").append(value).append('\n');
        }
        return Surveyed.survey(Surveyed.file(folder, text.toString()), overrides.withDelimiter(';'));
    }

    private Column column(String... values) {
        return survey(values).columns().get(2);
    }

    @Test
    void aDayAbove12SaysTheOrder() {
        assertThat(column("03/04/2026", "13/04/2026").dateOrder()).isEqualTo(DateOrder.DAY_FIRST);
        assertThat(column("03/04/2026", "04/13/2026").dateOrder()).isEqualTo(DateOrder.MONTH_FIRST);
        assertThat(column("03/04/26", "13/04/26").datePattern()).isEqualTo("dd/MM/yy");
        assertThat(column("03/04/2026", "04/13/2026").datePattern()).isEqualTo("MM/dd/yyyy");
    }

    @Test
    void datesThatMayBeOthersAreAmbiguous() {
        Survey survey = survey("03/04/2026", "05/04/2026");
        Column column = survey.columns().get(2);
        assertThat(column.ambiguousDates()).isTrue();
        assertThat(column.dateOrder()).isNull();
        assertThat(Surveyed.codes(survey)).containsExactly("ambiguous_date_format");
    }

    @Test
    void theOneOrderInWhichDaysGoOneWayIsMeant() {
        assertThat(column("10/02/2026", "11/02/2026", "12/02/2026", "01/03/2026", "02/03/2026")
                        .dateOrder())
                .isEqualTo(DateOrder.DAY_FIRST);
        assertThat(column("03/02/2026", "03/01/2026", "02/12/2026", "02/11/2026", "02/10/2026")
                        .dateOrder())
                .isEqualTo(DateOrder.MONTH_FIRST);
    }

    @Test
    void whatIsTheSameInBothOrdersIsNotAmbiguous() {
        assertThat(column("03/03/2026", "04/04/2026").ambiguousDates()).isFalse();
    }

    @Test
    void whatSaysAnOrderIsBelieved() {
        Column column = survey(Overrides.NONE.withDateOrder(DateOrder.MONTH_FIRST), "03/04/2026", "05/04/2026")
                .columns()
                .get(2);
        assertThat(column.dateOrder()).isEqualTo(DateOrder.MONTH_FIRST);
        assertThat(column.ambiguousDates()).isFalse();
    }

    @Test
    void anotherColumnOfTheSameFormatSaysTheOrder() {
        Survey survey = Surveyed.survey(
                Surveyed.file(folder, "Date;Valuta;Amount\n01/02/2026;01/02/2026;1.50\n03/02/2026;13/02/2026;2.50\n"));
        assertThat(survey.columns().get(0).dateOrder()).isEqualTo(DateOrder.DAY_FIRST);
        assertThat(Surveyed.codes(survey)).contains("date_order_of_others");
    }

    @Test
    void datesOfManyFormatsAreDates() {
        for (String date : List.of(
                "2026-01-31",
                "20260131",
                "31.01.2026",
                "31/01/26",
                "01/31/2026",
                "31 Jan 2026",
                "31. März 2026",
                "3 sierpnia 2026",
                "31 de enero de 2026",
                "31 août 2026",
                "31-dic-2026",
                "Jan 31, 2026")) {
            assertThat(column(date, date).type()).as(date).isEqualTo(ColumnType.DATE);
        }
    }

    @Test
    void datesWithATimeOfDayArePointsInTime() {
        for (String time : List.of(
                "2026-01-31T10:11:12Z", "31.01.2026 10:11", "2026-01-31 10:11:12.123+01:00", "20260131 10:11")) {
            assertThat(column(time, time).type()).as(time).isEqualTo(ColumnType.TIMESTAMP);
        }
        assertThat(column("31.01.2026", "31.01.2026 10:11").type()).isEqualTo(ColumnType.TIMESTAMP);
    }

    @Test
    void whatIsNoDateIsNone() {
        for (String text : List.of("2026-02-30", "31.13.2026", "32.01.2026", "99999999", "1.2.3", "12:30", "Mai 12")) {
            assertThat(column(text, text).type()).as(text).isNotIn(ColumnType.DATE, ColumnType.TIMESTAMP);
        }
    }

    @Test
    void decimalsAreDecidedOverTheWholeColumn() {
        assertThat(column("1.234", "1.234,56").decimalMark()).isEqualTo(DecimalMark.COMMA);
        assertThat(column("1,234", "1,234.56").decimalMark()).isEqualTo(DecimalMark.POINT);
        assertThat(column("1.234", "1.234.567").decimalMark()).isEqualTo(DecimalMark.COMMA);
        assertThat(column("1.234", "0.123").decimalMark()).isEqualTo(DecimalMark.POINT);
        assertThat(column("1.234", "12.5").decimalMark()).isEqualTo(DecimalMark.POINT);
        assertThat(column("1.234", "1'234.50").decimalMark()).isEqualTo(DecimalMark.POINT);
    }

    @Test
    void thousandsThatMayBeDecimalsAreAmbiguous() {
        Survey survey = survey("1.234", "5.678");
        assertThat(survey.columns().get(2).ambiguousDecimals()).isTrue();
        assertThat(survey.columns().get(2).decimalMark()).isNull();
        assertThat(Surveyed.codes(survey)).containsExactly("ambiguous_decimal_mark");
        assertThat(survey(Overrides.NONE.withDecimalMark(DecimalMark.COMMA), "1.234")
                        .columns()
                        .get(2)
                        .ambiguousDecimals())
                .isFalse();
    }

    @Test
    void anotherColumnSaysTheDecimalMark() {
        Survey survey = Surveyed.survey(
                Surveyed.file(folder, "Date;Amount;Balance\n2026-01-02;1.234;1.234,56\n2026-01-03;2.345;5,00\n"));
        assertThat(survey.columns().get(1).decimalMark()).isEqualTo(DecimalMark.COMMA);
        assertThat(Surveyed.codes(survey)).contains("decimal_mark_of_others");
    }

    @Test
    void typesForProfilesAreProposed() {
        assertThat(column("1", "-20").type()).isEqualTo(ColumnType.INTEGER);
        assertThat(column("1.5", "2").type()).isEqualTo(ColumnType.DECIMAL);
        assertThat(column("007", "008").type()).isEqualTo(ColumnType.TEXT);
        assertThat(column("yes", "no").type()).isEqualTo(ColumnType.BOOLEAN);
        assertThat(column("yes", "perhaps").type()).isEqualTo(ColumnType.TEXT);
    }

    @Test
    void currenciesAndIbansAreCounted() {
        assertThat(column("EUR", "USD", "XYZ").currencies()).isEqualTo(2);
        assertThat(column("DE89 3704 0044 0532 0130 00", "GB33BUKB20201555555555")
                        .ibans())
                .isEqualTo(2);
    }
}
