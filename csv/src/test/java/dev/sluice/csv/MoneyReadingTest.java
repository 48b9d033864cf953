package dev.sluice.csv;

import static dev.sluice.csv.DecimalMark.COMMA;
import static dev.sluice.csv.DecimalMark.POINT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.csv.MoneyReading.Outcome;
import java.math.BigDecimal;
import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MoneyReadingTest {
    private static Object read(String text, DecimalMark mark, int digits) {
        var reading = new MoneyReading(mark);
        Outcome outcome = reading.read(text.toCharArray(), 0, text.length(), digits);
        return outcome == Outcome.READ ? reading.minor() : outcome;
    }

    private static Object read(String text, DecimalMark mark) {
        return read(text, mark, 2);
    }

    @Test
    void everyShapeIsRead() {
        assertThat(read("1.234,56", COMMA)).isEqualTo(123456L);
        assertThat(read("1,234.56", POINT)).isEqualTo(123456L);
        assertThat(read("1 234,56", COMMA)).isEqualTo(123456L);
        assertThat(read("1\u00a0234,56", COMMA)).isEqualTo(123456L);
        assertThat(read("1\u202f234,56", COMMA)).isEqualTo(123456L);
        assertThat(read("1'234.56", POINT)).isEqualTo(123456L);
        assertThat(read("1\u2019234.56", POINT)).isEqualTo(123456L);
        assertThat(read("12,34,567.00", POINT)).isEqualTo(123456700L);
        assertThat(read("12", COMMA)).isEqualTo(1200L);
        assertThat(read("12,5", COMMA)).isEqualTo(1250L);
        assertThat(read(",50", COMMA)).isEqualTo(50L);
        assertThat(read("12,-", COMMA)).isEqualTo(1200L);
        assertThat(read("12,--", COMMA)).isEqualTo(1200L);
        assertThat(read("0,00", COMMA)).isEqualTo(0L);
    }

    @Test
    void everySignIsRead() {
        assertThat(read("-12.00", POINT)).isEqualTo(-1200L);
        assertThat(read("+12.00", POINT)).isEqualTo(1200L);
        assertThat(read("\u221212.00", POINT)).isEqualTo(-1200L);
        assertThat(read("12.00-", POINT)).isEqualTo(-1200L);
        assertThat(read("(12.00)", POINT)).isEqualTo(-1200L);
        assertThat(read("12.00 DR", POINT)).isEqualTo(-1200L);
        assertThat(read("12.00 Cr", POINT)).isEqualTo(1200L);
        assertThat(read("12,00 S", COMMA)).isEqualTo(-1200L);
        assertThat(read("12,00H", COMMA)).isEqualTo(1200L);
        assertThat(read("- 12.00", POINT)).isEqualTo(-1200L);
    }

    @Test
    void currenciesStandBeforeAndBehind() {
        assertThat(read("€12.50", POINT)).isEqualTo(1250L);
        assertThat(read("-€12.50", POINT)).isEqualTo(-1250L);
        assertThat(read("€-12.50", POINT)).isEqualTo(-1250L);
        assertThat(read("EUR 12.50", POINT)).isEqualTo(1250L);
        assertThat(read("12,50 €", COMMA)).isEqualTo(1250L);
        assertThat(read("12,50 zł", COMMA)).isEqualTo(1250L);
        assertThat(read("12,50- EUR", COMMA)).isEqualTo(-1250L);
        assertThat(read("Fr. 12.50", POINT)).isEqualTo(1250L);
        assertThat(read("12,50 kr", COMMA)).isEqualTo(1250L);
        var reading = new MoneyReading(COMMA);
        reading.read("12,50 PLN".toCharArray(), 0, 9, 2);
        assertThat(reading.currency()).isEqualTo("PLN");
        reading.read("$12,50".toCharArray(), 0, 6, 2);
        assertThat(reading.currency()).isNull();
    }

    @Test
    void minorUnitsAreTheCurrencys() {
        assertThat(Currencies.digits("JPY")).isZero();
        assertThat(Currencies.digits("KWD")).isEqualTo(3);
        assertThat(Currencies.digits(null)).isEqualTo(2);
        assertThat(Currencies.digits("???")).isEqualTo(2);
        assertThat(read("1,200", POINT, 0)).isEqualTo(1200L);
        assertThat(read("1.200", POINT, 3)).isEqualTo(1200L);
        assertThat(read("1200.00", POINT, 0)).isEqualTo(1200L);
        assertThat(read("1200.50", POINT, 0)).isEqualTo(Outcome.TOO_PRECISE);
    }

    @Test
    void nothingIsRounded() {
        assertThat(read("1.2300", POINT)).isEqualTo(123L);
        assertThat(read("1.234", POINT)).isEqualTo(Outcome.TOO_PRECISE);
        assertThat(read("0.00000000000000000001", POINT)).isEqualTo(Outcome.TOO_PRECISE);
    }

    @Test
    void whatDoesNotFitIsTooLarge() {
        assertThat(read("92233720368547758.07", POINT)).isEqualTo(Long.MAX_VALUE);
        assertThat(read("-92233720368547758.08", POINT)).isEqualTo(Long.MIN_VALUE);
        assertThat(read("92233720368547758.08", POINT)).isEqualTo(Outcome.TOO_LARGE);
        assertThat(read("999999999999999999", POINT)).isEqualTo(Outcome.TOO_LARGE);
        assertThat(read("00000000000000000000012.00", POINT)).isEqualTo(1200L);
    }

    @Test
    void whatIsNoNumberIsNone() {
        for (String text : new String[] {
            "",
            "-",
            ".",
            "abc",
            "12.3.4",
            "1,23,4",
            "1.2,3.4",
            "--12",
            "-12-",
            "(12",
            "12)",
            "-(12)",
            "12 12 1",
            "12 EURO",
            "EUR 12 EUR",
            "12e5",
            "0x10",
            "-12.00 CR",
            "12.00 CR DR",
            "1.23,45"
        }) {
            assertThat(read(text, POINT)).as(text).isEqualTo(Outcome.NO_NUMBER);
        }
    }

    @Test
    void theOtherDecimalMarkIsNotGuessed() {
        assertThat(read("12,50", POINT)).isEqualTo(Outcome.NO_NUMBER);
        assertThat(read("1,234", POINT)).isEqualTo(123400L);
        assertThat(read("1,234", COMMA)).isEqualTo(Outcome.TOO_PRECISE);
    }

    @Property
    void itIsWhatBigDecimalSays(
            @ForAll BigInteger unscaled, @ForAll @IntRange(max = 6) int scale, @ForAll @IntRange(max = 3) int digits) {
        var number = new BigDecimal(unscaled, scale);
        Object expected;
        try {
            expected = number.movePointRight(digits).setScale(0).longValueExact();
        } catch (ArithmeticException e) {
            boolean fraction =
                    number.movePointRight(digits).stripTrailingZeros().scale() > 0;
            expected = fraction ? Outcome.TOO_PRECISE : Outcome.TOO_LARGE;
        }
        assertThat(read(number.toPlainString(), POINT, digits)).isEqualTo(expected);
        assertThat(read(number.toPlainString().replace('.', ','), COMMA, digits))
                .isEqualTo(expected);
    }

    @Property
    void groupsChangeNothing(@ForAll @IntRange int whole, @ForAll @IntRange(max = 99) int cents) {
        String sign = whole < 0 ? "-" : "";
        String plain = Math.abs((long) whole) + String.format("%02d", cents);
        String grouped = String.format(java.util.Locale.ROOT, "%,d", Math.abs((long) whole));
        long expected = Long.parseLong(sign + plain);
        for (String group : new String[] {".", " ", "\u00a0", "\u202f", "'"}) {
            String text = sign + grouped.replace(",", group) + "," + String.format("%02d", cents);
            assertThat(read(text, COMMA)).as(text).isEqualTo(expected);
        }
    }

    @Property
    void noTextBreaksIt(@ForAll @Size(max = 12) char[] text) {
        var reading = new MoneyReading(POINT);
        assertThat(reading.read(text, 0, text.length, 2)).isNotNull();
    }

    @Property
    void noTextOfItsOwnSignsBreaksIt(@ForAll @IntRange(max = 12) int length, @ForAll long seed) {
        var random = new java.util.Random(seed);
        String signs = "0123459.,-+() €CRDSHEUR'\u00a0";
        var text = new char[length];
        for (int i = 0; i < length; i++) {
            text[i] = signs.charAt(random.nextInt(signs.length()));
        }
        var reading = new MoneyReading(COMMA);
        assertThat(reading.read(text, 0, length, 2)).isNotNull();
    }
}
