package dev.sluice.google;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// MD5 (RFC 1321) as Drive writes it, in hexadecimal, which can be written down in the middle: the JDK's cannot, and
/// Bouncy Castle's takes nearly twice the time, and a digest is most of what an upload to Drive costs
/// (docs/performance.md).
final class Md5 implements Digest {
    private static final int BLOCK = 64;
    private static final int STEP = 16 << 10;
    private static final int STATE = 4 * Integer.BYTES + Long.BYTES;

    private final int[] step = new int[STEP / Integer.BYTES];
    /// What is too little for a block.
    private final ByteBuffer rest = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private long length;
    private int a;
    private int b;
    private int c;
    private int d;

    /// @param state as [#state] wrote it; null for none yet
    Md5(@Nullable String state) {
        if (state == null) {
            a = 0x67452301;
            b = 0xefcdab89;
            c = 0x98badcfe;
            d = 0x10325476;
            return;
        }
        ByteBuffer known;
        try {
            known = ByteBuffer.wrap(Base64.getUrlDecoder().decode(state));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the state of a digest", e);
        }
        if (known.remaining() < STATE
                || known.getLong(0) < 0
                || known.remaining() != STATE + known.getLong(0) % BLOCK) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the state of a digest");
        }
        length = known.getLong();
        a = known.getInt();
        b = known.getInt();
        c = known.getInt();
        d = known.getInt();
        rest.put(known);
    }

    private Md5(Md5 other) {
        length = other.length;
        a = other.a;
        b = other.b;
        c = other.c;
        d = other.d;
        rest.put(other.rest.duplicate().flip());
    }

    @Override
    public void update(ByteBuffer bytes) {
        ByteBuffer left = bytes.duplicate();
        length += left.remaining();
        if (rest.position() > 0) {
            fill(left);
        }
        ByteBuffer whole = left.slice(left.position(), left.remaining() - left.remaining() % BLOCK)
                .order(ByteOrder.LITTLE_ENDIAN);
        var words = whole.asIntBuffer();
        while (words.hasRemaining()) {
            int count = Math.min(step.length, words.remaining());
            words.get(step, 0, count);
            compress(step, count);
        }
        rest.put(left.position(left.position() + whole.limit()));
    }

    private void fill(ByteBuffer from) {
        int count = Math.min(rest.remaining(), from.remaining());
        rest.put(from.slice(from.position(), count));
        from.position(from.position() + count);
        if (!rest.hasRemaining()) {
            rest.flip().asIntBuffer().get(step, 0, BLOCK / Integer.BYTES);
            rest.clear();
            compress(step, BLOCK / Integer.BYTES);
        }
    }

    @Override
    public String state() {
        ByteBuffer state = ByteBuffer.allocate(STATE + rest.position());
        state.putLong(length).putInt(a).putInt(b).putInt(c).putInt(d);
        state.put(rest.duplicate().flip());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(state.array());
    }

    @Override
    public String value() {
        var last = new Md5(this);
        int zeros = Math.floorMod(BLOCK - Long.BYTES - 1 - rest.position(), BLOCK);
        ByteBuffer end = ByteBuffer.allocate(1 + zeros + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        end.put((byte) 0x80).putLong(1 + zeros, length * Byte.SIZE);
        last.update(end.rewind());
        ByteBuffer value = ByteBuffer.allocate(4 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        value.putInt(last.a).putInt(last.b).putInt(last.c).putInt(last.d);
        return HexFormat.of().formatHex(value.array());
    }

    private static int f(int x, int y, int z) {
        return z ^ (x & (y ^ z));
    }

    private static int g(int x, int y, int z) {
        return (x & z) + (y & ~z);
    }

    private static int h(int x, int y, int z) {
        return x ^ (y ^ z);
    }

    private static int i(int x, int y, int z) {
        return y ^ (x | ~z);
    }

    /// Takes whole blocks.
    ///
    /// @param count of words in `x`
    private void compress(int[] x, int count) {
        int a = this.a;
        int b = this.b;
        int c = this.c;
        int d = this.d;
        for (int at = 0; at < count; at += BLOCK / Integer.BYTES) {
            int beforeA = a;
            int beforeB = b;
            int beforeC = c;
            int beforeD = d;
            a = b + Integer.rotateLeft(a + x[at] + 0xd76aa478 + f(b, c, d), 7);
            d = a + Integer.rotateLeft(d + x[at + 1] + 0xe8c7b756 + f(a, b, c), 12);
            c = d + Integer.rotateLeft(c + x[at + 2] + 0x242070db + f(d, a, b), 17);
            b = c + Integer.rotateLeft(b + x[at + 3] + 0xc1bdceee + f(c, d, a), 22);
            a = b + Integer.rotateLeft(a + x[at + 4] + 0xf57c0faf + f(b, c, d), 7);
            d = a + Integer.rotateLeft(d + x[at + 5] + 0x4787c62a + f(a, b, c), 12);
            c = d + Integer.rotateLeft(c + x[at + 6] + 0xa8304613 + f(d, a, b), 17);
            b = c + Integer.rotateLeft(b + x[at + 7] + 0xfd469501 + f(c, d, a), 22);
            a = b + Integer.rotateLeft(a + x[at + 8] + 0x698098d8 + f(b, c, d), 7);
            d = a + Integer.rotateLeft(d + x[at + 9] + 0x8b44f7af + f(a, b, c), 12);
            c = d + Integer.rotateLeft(c + x[at + 10] + 0xffff5bb1 + f(d, a, b), 17);
            b = c + Integer.rotateLeft(b + x[at + 11] + 0x895cd7be + f(c, d, a), 22);
            a = b + Integer.rotateLeft(a + x[at + 12] + 0x6b901122 + f(b, c, d), 7);
            d = a + Integer.rotateLeft(d + x[at + 13] + 0xfd987193 + f(a, b, c), 12);
            c = d + Integer.rotateLeft(c + x[at + 14] + 0xa679438e + f(d, a, b), 17);
            b = c + Integer.rotateLeft(b + x[at + 15] + 0x49b40821 + f(c, d, a), 22);
            a = b + Integer.rotateLeft(a + x[at + 1] + 0xf61e2562 + g(b, c, d), 5);
            d = a + Integer.rotateLeft(d + x[at + 6] + 0xc040b340 + g(a, b, c), 9);
            c = d + Integer.rotateLeft(c + x[at + 11] + 0x265e5a51 + g(d, a, b), 14);
            b = c + Integer.rotateLeft(b + x[at] + 0xe9b6c7aa + g(c, d, a), 20);
            a = b + Integer.rotateLeft(a + x[at + 5] + 0xd62f105d + g(b, c, d), 5);
            d = a + Integer.rotateLeft(d + x[at + 10] + 0x02441453 + g(a, b, c), 9);
            c = d + Integer.rotateLeft(c + x[at + 15] + 0xd8a1e681 + g(d, a, b), 14);
            b = c + Integer.rotateLeft(b + x[at + 4] + 0xe7d3fbc8 + g(c, d, a), 20);
            a = b + Integer.rotateLeft(a + x[at + 9] + 0x21e1cde6 + g(b, c, d), 5);
            d = a + Integer.rotateLeft(d + x[at + 14] + 0xc33707d6 + g(a, b, c), 9);
            c = d + Integer.rotateLeft(c + x[at + 3] + 0xf4d50d87 + g(d, a, b), 14);
            b = c + Integer.rotateLeft(b + x[at + 8] + 0x455a14ed + g(c, d, a), 20);
            a = b + Integer.rotateLeft(a + x[at + 13] + 0xa9e3e905 + g(b, c, d), 5);
            d = a + Integer.rotateLeft(d + x[at + 2] + 0xfcefa3f8 + g(a, b, c), 9);
            c = d + Integer.rotateLeft(c + x[at + 7] + 0x676f02d9 + g(d, a, b), 14);
            b = c + Integer.rotateLeft(b + x[at + 12] + 0x8d2a4c8a + g(c, d, a), 20);
            a = b + Integer.rotateLeft(a + x[at + 5] + 0xfffa3942 + h(b, c, d), 4);
            d = a + Integer.rotateLeft(d + x[at + 8] + 0x8771f681 + h(a, b, c), 11);
            c = d + Integer.rotateLeft(c + x[at + 11] + 0x6d9d6122 + h(d, a, b), 16);
            b = c + Integer.rotateLeft(b + x[at + 14] + 0xfde5380c + h(c, d, a), 23);
            a = b + Integer.rotateLeft(a + x[at + 1] + 0xa4beea44 + h(b, c, d), 4);
            d = a + Integer.rotateLeft(d + x[at + 4] + 0x4bdecfa9 + h(a, b, c), 11);
            c = d + Integer.rotateLeft(c + x[at + 7] + 0xf6bb4b60 + h(d, a, b), 16);
            b = c + Integer.rotateLeft(b + x[at + 10] + 0xbebfbc70 + h(c, d, a), 23);
            a = b + Integer.rotateLeft(a + x[at + 13] + 0x289b7ec6 + h(b, c, d), 4);
            d = a + Integer.rotateLeft(d + x[at] + 0xeaa127fa + h(a, b, c), 11);
            c = d + Integer.rotateLeft(c + x[at + 3] + 0xd4ef3085 + h(d, a, b), 16);
            b = c + Integer.rotateLeft(b + x[at + 6] + 0x04881d05 + h(c, d, a), 23);
            a = b + Integer.rotateLeft(a + x[at + 9] + 0xd9d4d039 + h(b, c, d), 4);
            d = a + Integer.rotateLeft(d + x[at + 12] + 0xe6db99e5 + h(a, b, c), 11);
            c = d + Integer.rotateLeft(c + x[at + 15] + 0x1fa27cf8 + h(d, a, b), 16);
            b = c + Integer.rotateLeft(b + x[at + 2] + 0xc4ac5665 + h(c, d, a), 23);
            a = b + Integer.rotateLeft(a + x[at] + 0xf4292244 + i(b, c, d), 6);
            d = a + Integer.rotateLeft(d + x[at + 7] + 0x432aff97 + i(a, b, c), 10);
            c = d + Integer.rotateLeft(c + x[at + 14] + 0xab9423a7 + i(d, a, b), 15);
            b = c + Integer.rotateLeft(b + x[at + 5] + 0xfc93a039 + i(c, d, a), 21);
            a = b + Integer.rotateLeft(a + x[at + 12] + 0x655b59c3 + i(b, c, d), 6);
            d = a + Integer.rotateLeft(d + x[at + 3] + 0x8f0ccc92 + i(a, b, c), 10);
            c = d + Integer.rotateLeft(c + x[at + 10] + 0xffeff47d + i(d, a, b), 15);
            b = c + Integer.rotateLeft(b + x[at + 1] + 0x85845dd1 + i(c, d, a), 21);
            a = b + Integer.rotateLeft(a + x[at + 8] + 0x6fa87e4f + i(b, c, d), 6);
            d = a + Integer.rotateLeft(d + x[at + 15] + 0xfe2ce6e0 + i(a, b, c), 10);
            c = d + Integer.rotateLeft(c + x[at + 6] + 0xa3014314 + i(d, a, b), 15);
            b = c + Integer.rotateLeft(b + x[at + 13] + 0x4e0811a1 + i(c, d, a), 21);
            a = b + Integer.rotateLeft(a + x[at + 4] + 0xf7537e82 + i(b, c, d), 6);
            d = a + Integer.rotateLeft(d + x[at + 11] + 0xbd3af235 + i(a, b, c), 10);
            c = d + Integer.rotateLeft(c + x[at + 2] + 0x2ad7d2bb + i(d, a, b), 15);
            b = c + Integer.rotateLeft(b + x[at + 9] + 0xeb86d391 + i(c, d, a), 21);
            a += beforeA;
            b += beforeB;
            c += beforeC;
            d += beforeD;
        }
        this.a = a;
        this.b = b;
        this.c = c;
        this.d = d;
    }
}
