package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Base64;

/// Recognizes a program in base64: a run of at least 128 characters, perhaps broken into lines, that begins with the
/// header of one. Among its first 64 bytes many are zero, which chance makes of no key and no picture.
final class Base64Program {
    private static final int SHORTEST = 128;
    /// Characters of 66 bytes: a DOS header, or an ELF header, has 64.
    private static final int HEADER = 88;
    private static final int LEAST_ZEROS = 12;

    private Base64Program() {}

    /// @param start at least 1
    /// @param end of what there is in `text`
    static boolean begins(byte[] text, int start, int end) {
        if (isDigit(text[start - 1]) || !(isDos(text, start, end) || isElf(text, start, end))) {
            return false;
        }
        var header = new byte[HEADER];
        int run = 0;
        for (int i = start; i < end && run < SHORTEST; i++) {
            byte there = text[i];
            if (isDigit(there)) {
                if (run < HEADER) {
                    header[run] = there;
                }
                run++;
            } else if (there != '\r' && there != '\n') {
                break;
            }
        }
        return run >= SHORTEST && zeros(header) >= LEAST_ZEROS;
    }

    /// `MZ` in base64, whatever follows it.
    private static boolean isDos(byte[] text, int start, int end) {
        return start + 2 < end
                && text[start] == 'T'
                && text[start + 1] == 'V'
                && text[start + 2] >= 'o'
                && text[start + 2] <= 'r';
    }

    private static boolean isElf(byte[] text, int start, int end) {
        return start + 5 <= end && new String(text, start, 5, ISO_8859_1).equals("f0VMR");
    }

    private static boolean isDigit(byte there) {
        return (there >= 'A' && there <= 'Z')
                || (there >= 'a' && there <= 'z')
                || (there >= '0' && there <= '9')
                || there == '+'
                || there == '/';
    }

    private static int zeros(byte[] header) {
        int zeros = 0;
        for (byte decoded : Base64.getDecoder().decode(header)) {
            zeros += decoded == 0 ? 1 : 0;
        }
        return zeros;
    }
}
