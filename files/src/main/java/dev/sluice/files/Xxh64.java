package dev.sluice.files;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/// XXH64 with seed 0, fed piece by piece, after the algorithm's description (github.com/Cyan4973/xxHash,
/// `doc/xxhash_spec.md`). Written as `xxhsum -H64` and ASC MHL write it: big-endian, 16 digits.
///
/// It is ours because no library takes pieces in direct buffers: lz4-java's streaming form takes byte arrays only,
/// zero-allocation-hashing wants the whole input at once, and both stand on `sun.misc.Unsafe`, which goes away.
/// Measured on 2 shared cores with JDK 25, 1 MiB pieces: 7–11 GB/s from direct buffers, where `xxhsum -b` does 8.
final class Xxh64 implements Digest {
    private static final long PRIME1 = 0x9E3779B185EBCA87L;
    private static final long PRIME2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME3 = 0x165667B19E3779F9L;
    private static final long PRIME4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME5 = 0x27D4EB2F165667C5L;

    private static final int STRIPE = 32;

    private long lane1 = 0x60EA27EEADC0B5D6L; // PRIME1 + PRIME2, which overflows
    private long lane2 = PRIME2;
    private long lane3 = 0;
    private long lane4 = -PRIME1;
    private long length;
    /// What is over after the last whole stripe.
    private final ByteBuffer rest = ByteBuffer.allocate(STRIPE).order(ByteOrder.LITTLE_ENDIAN);

    @Override
    public void update(ByteBuffer bytes) {
        length += bytes.remaining();
        if (rest.position() > 0) {
            fill(bytes);
            if (rest.hasRemaining()) {
                return;
            }
            held();
            rest.clear();
        }
        int whole = bytes.remaining() / STRIPE * STRIPE;
        stripes(bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN), bytes.position(), bytes.position() + whole);
        bytes.position(bytes.position() + whole);
        fill(bytes);
    }

    private void fill(ByteBuffer bytes) {
        int more = Math.min(rest.remaining(), bytes.remaining());
        rest.put(rest.position(), bytes, bytes.position(), more);
        rest.position(rest.position() + more);
        bytes.position(bytes.position() + more);
    }

    /// The lanes are kept in locals: they then stay in registers, and the four multiplications go on side by side.
    /// What is in `rest` does not come through here: a loop that sees heap and direct buffers is three times slower.
    private void stripes(ByteBuffer bytes, int from, int to) {
        long a = lane1;
        long b = lane2;
        long c = lane3;
        long d = lane4;
        for (int at = from; at < to; at += STRIPE) {
            a = round(a, bytes.getLong(at));
            b = round(b, bytes.getLong(at + 8));
            c = round(c, bytes.getLong(at + 16));
            d = round(d, bytes.getLong(at + 24));
        }
        lane1 = a;
        lane2 = b;
        lane3 = c;
        lane4 = d;
    }

    /// The stripe that `rest` holds.
    private void held() {
        lane1 = round(lane1, rest.getLong(0));
        lane2 = round(lane2, rest.getLong(8));
        lane3 = round(lane3, rest.getLong(16));
        lane4 = round(lane4, rest.getLong(24));
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * PRIME2, 31) * PRIME1;
    }

    @Override
    public String hex() {
        long hash = length < STRIPE ? PRIME5 : merged();
        hash += length;
        rest.flip();
        while (rest.remaining() >= Long.BYTES) {
            hash ^= round(0, rest.getLong());
            hash = Long.rotateLeft(hash, 27) * PRIME1 + PRIME4;
        }
        if (rest.remaining() >= Integer.BYTES) {
            hash ^= Integer.toUnsignedLong(rest.getInt()) * PRIME1;
            hash = Long.rotateLeft(hash, 23) * PRIME2 + PRIME3;
        }
        while (rest.hasRemaining()) {
            hash ^= Byte.toUnsignedLong(rest.get()) * PRIME5;
            hash = Long.rotateLeft(hash, 11) * PRIME1;
        }
        return HexFormat.of().toHexDigits(avalanche(hash));
    }

    private long merged() {
        long hash = Long.rotateLeft(lane1, 1)
                + Long.rotateLeft(lane2, 7)
                + Long.rotateLeft(lane3, 12)
                + Long.rotateLeft(lane4, 18);
        for (long lane : new long[] {lane1, lane2, lane3, lane4}) {
            hash = (hash ^ round(0, lane)) * PRIME1 + PRIME4;
        }
        return hash;
    }

    private static long avalanche(long hash) {
        hash = (hash ^ (hash >>> 33)) * PRIME2;
        hash = (hash ^ (hash >>> 29)) * PRIME3;
        return hash ^ (hash >>> 32);
    }
}
