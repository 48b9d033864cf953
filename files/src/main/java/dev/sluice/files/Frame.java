package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import org.jspecify.annotations.Nullable;

/// The number of one frame: `1001`, `-5`, or between two frames `1001.25`. It is exact, and it remembers with how many
/// decimals it is written: `1001.5` and `1001.50` are the same frame under two names of files.
///
/// @param units the number without its point
/// @param decimals how many digits of it stand behind the point
record Frame(long units, int decimals) implements Comparable<Frame> {
    static final int MAX_DECIMALS = 9;
    static final int MAX_DIGITS = 18;
    /// What no frame's units reach; two of them can be subtracted.
    static final long BOUND = tenTo(MAX_DIGITS);

    Frame {
        if (decimals < 0 || decimals > MAX_DECIMALS || units <= -BOUND || units >= BOUND) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a frame has at most " + MAX_DIGITS + " digits, " + MAX_DECIMALS + " of them behind the point");
        }
    }

    static Frame of(long number) {
        return new Frame(number, 0);
    }

    /// @throws ProblemException where the text is no frame
    static Frame parse(String text) {
        Frame frame = read(text, 0, text.length());
        if (frame == null) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    Quoted.of(text) + " is no frame; write one as 1001, -5 or 1001.25, with at most " + MAX_DIGITS
                            + " digits");
        }
        return frame;
    }

    /// The frame that stands in a part of a text, or null where something else does.
    static @Nullable Frame read(String text, int from, int to) {
        int first = from < to && text.charAt(from) == '-' ? from + 1 : from;
        int point = -1;
        long units = 0;
        for (int i = first; i < to; i++) {
            char c = text.charAt(i);
            if (c == '.' && point < 0 && i > first && i + 1 < to) {
                point = i;
            } else if (isDigit(c)) {
                units = units * 10 + (c - '0');
                if (units >= BOUND) {
                    return null;
                }
            } else {
                return null;
            }
        }
        int decimals = point < 0 ? 0 : to - point - 1;
        if (first == to || decimals > MAX_DECIMALS) {
            return null;
        }
        return new Frame(first == from ? units : -units, decimals);
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static long tenTo(int power) {
        long result = 1;
        for (int i = 0; i < power; i++) {
            result *= 10;
        }
        return result;
    }

    /// @throws ProblemException where the sum has too many digits for a frame
    Frame plus(long frames) {
        try {
            return new Frame(Math.addExact(units, Math.multiplyExact(frames, tenTo(decimals))), decimals);
        } catch (ArithmeticException e) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "frame " + this + " cannot be moved by " + frames + ": too far", e);
        }
    }

    /// The number in units of so many decimals, at least its own.
    ///
    /// @throws ArithmeticException where that has too many digits
    long scaled(int to) {
        return Math.multiplyExact(units, tenTo(to - decimals));
    }

    /// The text, with zeros after the sign until that many digits stand before the point: `-0001` with four.
    String padded(int width) {
        String digits = Long.toString(Math.abs(units));
        String zeros = "0".repeat(Math.max(0, width + decimals - digits.length()));
        String all = zeros + digits;
        int point = all.length() - decimals;
        String sign = units < 0 ? "-" : "";
        return decimals == 0 ? sign + all : sign + all.substring(0, point) + '.' + all.substring(point);
    }

    /// Its place among the frames that are written without decimals.
    private long whole() {
        return Math.floorDiv(units, tenTo(decimals));
    }

    private long fraction() {
        return Math.floorMod(units, tenTo(decimals)) * tenTo(MAX_DECIMALS - decimals);
    }

    @Override
    public int compareTo(Frame other) {
        if (decimals == other.decimals) {
            return Long.compare(units, other.units);
        }
        int byWhole = Long.compare(whole(), other.whole());
        return byWhole != 0 ? byWhole : Long.compare(fraction(), other.fraction());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Frame frame && compareTo(frame) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(whole()) + Long.hashCode(fraction());
    }

    @Override
    public String toString() {
        return decimals == 0 ? Long.toString(units) : padded(1);
    }
}
