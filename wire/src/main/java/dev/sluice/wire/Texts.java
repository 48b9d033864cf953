package dev.sluice.wire;

import dev.sluice.storage.SafeName;
import java.nio.charset.StandardCharsets;

/// What characters are, for those who show or store what others wrote.
public final class Texts {
    private Texts() {}

    /// Whether every surrogate has its other half.
    static boolean wellFormed(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    static boolean isPrintableAscii(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /// The text with everything that could move a cursor or turn the reading direction made visible as `?`.
    public static String printable(String text) {
        return text.codePoints()
                .map(point ->
                        SafeName.isUnseen(point) || isBreak(point) || Character.getType(point) == Character.SURROGATE
                                ? '?'
                                : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isBreak(int point) {
        return point == 0x2028 || point == 0x2029;
    }
}
