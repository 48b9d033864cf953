package dev.sluice.csv;

import java.math.BigDecimal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads amounts of money into minor units, exactly: as `BigDecimal` would, and never by rounding. Understands
/// signs before and behind (also U+2212), brackets, `CR` and `DR`, `S` and `H` (Soll and Haben), currencies before
/// and behind, and groups kept apart by points, commas, apostrophes and spaces of several kinds. Used by one
/// thread.
public final class MoneyReading {
    /// So many digits fit a `long`, whatever they are.
    private static final int SAFE = 18;

    private final NumberScan scan = new NumberScan();
    private final DecimalMark mark;
    private long minor;

    /// What came of reading.
    public enum Outcome {
        READ,
        /// It is none, or not with this decimal mark.
        NO_NUMBER,
        /// More decimals than the currency has, and not all of them zero.
        TOO_PRECISE,
        /// Beyond 9,223,372,036,854,775,807 minor units.
        TOO_LARGE
    }

    /// @param mark null: there is none in these numbers
    public MoneyReading(@Nullable DecimalMark mark) {
        this.mark = mark == null ? DecimalMark.POINT : mark;
    }

    /// @param digits of the minor unit, as of [Currencies#digits]
    public Outcome read(char[] text, int from, int to, int digits) {
        if (!scan.scan(text, from, to) || !scan.fits(mark)) {
            return Outcome.NO_NUMBER;
        }
        long value = 0;
        int significant = 0;
        int decimals = -1;
        for (int i = scan.from; i < scan.to; i++) {
            char c = text[i];
            if (NumberScan.isDigit(c)) {
                if (significant > 0 || c != '0') {
                    significant++;
                }
                if (significant > SAFE) {
                    return exactly(digits);
                }
                value = 10 * value + c - '0';
                if (decimals >= 0) {
                    decimals++;
                }
            } else if (c == mark.sign) {
                decimals = 0;
            }
        }
        for (int scale = Math.max(decimals, 0); scale > digits; scale--) {
            if (value % 10 != 0) {
                return Outcome.TOO_PRECISE;
            }
            value /= 10;
        }
        for (int scale = Math.max(decimals, 0); scale < digits; scale++) {
            long high = Math.multiplyHigh(value, 10);
            value *= 10;
            if (high != 0 || value < 0) {
                return Outcome.TOO_LARGE;
            }
        }
        minor = scan.negative ? -value : value;
        return Outcome.READ;
    }

    private Outcome exactly(int digits) {
        try {
            BigDecimal shifted = number().movePointRight(digits).stripTrailingZeros();
            if (shifted.scale() > 0) {
                return Outcome.TOO_PRECISE;
            }
            minor = shifted.longValueExact();
            return Outcome.READ;
        } catch (ArithmeticException e) {
            return Outcome.TOO_LARGE;
        }
    }

    private BigDecimal number() {
        var plain = new StringBuilder(scan.to - scan.from + 1);
        if (scan.negative) {
            plain.append('-');
        }
        for (int i = scan.from; i < scan.to; i++) {
            char c = scan.text[i];
            if (c == mark.sign) {
                plain.append('.');
            } else if (NumberScan.isDigit(c)) {
                plain.append(c);
            }
        }
        return new BigDecimal(plain.toString());
    }

    /// What was read last, in minor units.
    public long minor() {
        return minor;
    }

    /// The currency that stood beside what was read last, as ISO 4217; null: none, or one that several countries have.
    public @Nullable String currency() {
        return scan.currency;
    }

    /// The currency that stands beside an amount, without reading it; null as above, or where there is none.
    public @Nullable String currencyIn(char[] text, int from, int to) {
        return scan.scan(text, from, to) ? scan.currency : null;
    }

    /// A number that need not be money.
    public Optional<BigDecimal> number(char[] text, int from, int to) {
        return scan.scan(text, from, to) && scan.fits(mark) ? Optional.of(number()) : Optional.empty();
    }
}
