package dev.sluice.csv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;

/// Decodes what nearly all text in UTF-8 consists of: characters of one byte, eight at once where they stand together,
/// and of two and three. The decoder of the JDK goes byte by byte from the first umlaut on, which takes thrice as long.
final class Utf8 {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long BEYOND_ASCII = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /// Decodes until the bytes end, or the room for characters does, or something else comes: a character of four
    /// bytes, one that is cut off, or none at all. Both buffers have arrays.
    static void decode(ByteBuffer bytes, CharBuffer chars) {
        byte[] from = bytes.array();
        int start = bytes.arrayOffset();
        char[] to = chars.array();
        int base = chars.arrayOffset();
        int at = start + bytes.position();
        int end = start + bytes.limit();
        int put = base + chars.position();
        int full = base + chars.limit();
        while (at < end && put < full) {
            int words = Math.min(end - at, full - put) / Long.BYTES;
            while (words-- > 0) {
                long word = (long) WORDS.get(from, at);
                if ((word & BEYOND_ASCII) != 0) {
                    break;
                }
                put(word, to, put);
                at += Long.BYTES;
                put += Long.BYTES;
            }
            while (at < end && put < full && from[at] >= 0) {
                to[put++] = (char) from[at++];
            }
            if (at == end || put == full) {
                break;
            }
            int length = length(from, at, end);
            if (length == 0) {
                break;
            }
            to[put++] = character(from, at, length);
            at += length;
        }
        bytes.position(at - start);
        chars.position(put - base);
    }

    private static void put(long word, char[] to, int at) {
        to[at] = (char) (word & 0xff);
        to[at + 1] = (char) (word >>> 8 & 0xff);
        to[at + 2] = (char) (word >>> 16 & 0xff);
        to[at + 3] = (char) (word >>> 24 & 0xff);
        to[at + 4] = (char) (word >>> 32 & 0xff);
        to[at + 5] = (char) (word >>> 40 & 0xff);
        to[at + 6] = (char) (word >>> 48 & 0xff);
        to[at + 7] = (char) (word >>> 56 & 0xff);
    }

    /// 2 or 3; 0 where there is no whole character of so many bytes.
    private static int length(byte[] from, int at, int end) {
        int lead = from[at] & 0xff;
        if (lead >= 0xc2 && lead <= 0xdf) {
            return at + 1 < end && follows(from[at + 1]) ? 2 : 0;
        }
        if (lead < 0xe0 || lead > 0xef || at + 2 >= end || !follows(from[at + 1]) || !follows(from[at + 2])) {
            return 0;
        }
        char c = character(from, at, 3);
        return c >= 0x800 && !Character.isSurrogate(c) ? 3 : 0;
    }

    private static boolean follows(byte b) {
        return (b & 0xc0) == 0x80;
    }

    private static char character(byte[] from, int at, int length) {
        int second = from[at + 1] & 0x3f;
        return length == 2
                ? (char) ((from[at] & 0x1f) << 6 | second)
                : (char) ((from[at] & 0x0f) << 12 | second << 6 | (from[at + 2] & 0x3f));
    }
}
