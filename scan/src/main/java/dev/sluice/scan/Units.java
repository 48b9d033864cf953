package dev.sluice.scan;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// How the bytes of a text make its characters, and a view of it that has one byte for each: ASCII as it is. Patterns
/// are looked for in the view, so that they are found in UTF-16, too.
enum Units {
    /// UTF-8 and all that has ASCII in it: the view is the text.
    BYTES(1),
    UTF_16LE(2),
    UTF_16BE(2);

    /// In the view of UTF-16: a character that turns the direction of text. In UTF-8 such a byte never begins one.
    static final byte TURNS = (byte) 0x80;
    /// In the view of UTF-16: any other character beyond ASCII.
    static final byte OTHER = (byte) 0xff;

    private static final int SAMPLE = 4096;

    private final int width;

    Units(int width) {
        this.width = width;
    }

    /// Bytes for each byte of the view.
    int width() {
        return width;
    }

    /// As the charset says it, which may be what somebody has told; where it is not one of UTF-16, by the byte order
    /// mark; else it is UTF-16 all the same where of two bytes one is often zero and the other hardly ever.
    static Units of(Charset charset, byte[] start, int length) {
        if (charset.equals(StandardCharsets.UTF_16LE)) {
            return UTF_16LE;
        }
        if (charset.equals(StandardCharsets.UTF_16BE)) {
            return UTF_16BE;
        }
        if (length >= 2 && start[0] == (byte) 0xff && start[1] == (byte) 0xfe) {
            return UTF_16LE;
        }
        if (length >= 2 && start[0] == (byte) 0xfe && start[1] == (byte) 0xff) {
            return UTF_16BE;
        }
        int pairs = Math.min(length, SAMPLE) / 2;
        int first = 0;
        int second = 0;
        for (int pair = 0; pair < pairs; pair++) {
            first += start[2 * pair] == 0 ? 1 : 0;
            second += start[2 * pair + 1] == 0 ? 1 : 0;
        }
        if (isHalf(second, first, pairs)) {
            return UTF_16LE;
        }
        return isHalf(first, second, pairs) ? UTF_16BE : BYTES;
    }

    private static boolean isHalf(int zeros, int elsewhere, int pairs) {
        return pairs >= 2 && zeros >= pairs * 0.3 && elsewhere <= pairs / 20;
    }

    /// Where views of these bytes go: bytes are their own view.
    byte[] room(byte[] bytes) {
        return this == BYTES ? bytes : new byte[bytes.length / width];
    }

    /// Writes the view of `length` bytes into `view`, which is their [#room].
    ///
    /// @return the length of the view; a last byte that makes no character is left out
    int view(byte[] bytes, int length, byte[] view) {
        if (this == BYTES) {
            return length;
        }
        int high = this == UTF_16LE ? 1 : 0;
        int count = length / 2;
        for (int i = 0; i < count; i++) {
            view[i] = narrow((bytes[2 * i + high] & 0xff) << 8 | (bytes[2 * i + 1 - high] & 0xff));
        }
        return count;
    }

    private static byte narrow(int unit) {
        if (unit < 0x80) {
            return (byte) unit;
        }
        return (unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069) ? TURNS : OTHER;
    }
}
