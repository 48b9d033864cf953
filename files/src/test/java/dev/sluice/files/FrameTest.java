package dev.sluice.files;

import static dev.sluice.files.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final long BILLIONS = 100_000_000_000L;

    @Test
    void framesAreWrittenAsTheyWereRead() {
        for (String text : new String[] {"0", "1", "1001", "-5", "1001.25", "1001.50", "-0.5", "-10.0"}) {
            assertThat(Frame.parse(text)).hasToString(text);
        }
        assertThat(Frame.parse("0042")).hasToString("42");
        assertThat(Frame.parse("-0")).hasToString("0");
    }

    @Test
    void aFrameIsTheSameWithMoreDecimals() {
        assertThat(Frame.parse("1001.5")).isEqualTo(Frame.parse("1001.500")).hasSameHashCodeAs(Frame.parse("1001.500"));
        assertThat(Frame.parse("-3")).isEqualTo(Frame.parse("-3.0")).isNotEqualTo(Frame.parse("-3.1"));
    }

    @Test
    void zerosFollowTheSign() {
        assertThat(Frame.of(-1).padded(4)).isEqualTo("-0001");
        assertThat(Frame.parse("7.25").padded(4)).isEqualTo("0007.25");
        assertThat(Frame.parse("-0.5").padded(2)).isEqualTo("-00.5");
        assertThat(Frame.of(12345).padded(4)).isEqualTo("12345");
    }

    @Test
    void whatIsNoFrameIsRefused() {
        for (String text : new String[] {"", "-", "a", "1.", ".5", "1.2.3", "--1", "1e3", " 1", "+1", "١"}) {
            assertRefused(() -> Frame.parse(text)).contains("is no frame");
        }
        assertRefused(() -> Frame.parse("1" + "0".repeat(18))).contains("18 digits");
        assertRefused(() -> Frame.parse("1.0123456789")).contains("is no frame");
    }

    @Test
    void framesAreNotMovedOverTheEnd() {
        assertThat(Frame.parse("1.5").plus(-3)).hasToString("-1.5");
        assertRefused(() -> Frame.of(1).plus(Long.MAX_VALUE)).contains("too far");
        assertRefused(() -> Frame.parse("1.5").plus(Long.MAX_VALUE)).contains("too far");
        assertRefused(() -> Frame.of(1).plus(Frame.BOUND - 1)).contains("18 digits");
    }

    @Property
    void theOrderIsThatOfTheNumbers(
            @ForAll @LongRange(min = -BILLIONS, max = BILLIONS) long units,
            @ForAll @IntRange(max = Frame.MAX_DECIMALS) int decimals,
            @ForAll @LongRange(min = -BILLIONS, max = BILLIONS) long otherUnits,
            @ForAll @IntRange(max = Frame.MAX_DECIMALS) int otherDecimals) {
        var frame = new Frame(units, decimals);
        var other = new Frame(otherUnits, otherDecimals);
        int expected = BigDecimal.valueOf(units, decimals).compareTo(BigDecimal.valueOf(otherUnits, otherDecimals));
        assertThat(Integer.signum(frame.compareTo(other))).isEqualTo(expected);
        assertThat(frame.equals(other)).isEqualTo(expected == 0);
        assertThat(new BigDecimal(frame.toString())).isEqualByComparingTo(BigDecimal.valueOf(units, decimals));
        assertThat(Frame.parse(frame.toString())).isEqualTo(frame);
    }

    @Property
    void anyTextIsAFrameOrRefused(@ForAll String text) {
        Optional.ofNullable(Frame.read(text, 0, text.length()))
                .ifPresent(frame -> assertThat(Frame.parse(text)).isEqualTo(frame));
    }
}
