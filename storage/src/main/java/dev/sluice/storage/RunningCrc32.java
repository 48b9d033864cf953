package dev.sluice.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/// A CRC-32 that can be taken up again from its value: the value of a whole follows from those of its two parts
/// and the second one's length, by the matrix method of zlib's `crc32_combine` (M. Adler). Confined to one
/// thread.
public final class RunningCrc32 {
    private static final long POLYNOMIAL = 0xedb88320L;

    private final long before;
    private final CRC32 since = new CRC32();
    private long sinceLength;

    /// @param before the value over all earlier bytes
    public RunningCrc32(long before) {
        this.before = before;
    }

    /// Takes the remaining bytes of `bytes`, whose position stays.
    public void update(ByteBuffer bytes) {
        sinceLength += bytes.remaining();
        since.update(bytes.duplicate());
    }

    public long value() {
        return sinceLength == 0 ? before : combine(before, since.getValue(), sinceLength);
    }

    /// The CRC-32 of A followed by B.
    ///
    /// @param crcA of A
    /// @param crcB of B
    /// @param lengthB of B in bytes
    public static long combine(long crcA, long crcB, long lengthB) {
        if (lengthB <= 0) {
            return crcA;
        }
        long[] even = new long[32];
        long[] odd = new long[32];
        odd[0] = POLYNOMIAL;
        for (int bit = 1; bit < 32; bit++) {
            odd[bit] = 1L << (bit - 1);
        }
        square(even, odd);
        square(odd, even);
        long crc = crcA;
        long left = lengthB;
        while (true) {
            square(even, odd);
            if ((left & 1) != 0) {
                crc = times(even, crc);
            }
            left >>= 1;
            if (left == 0) {
                break;
            }
            square(odd, even);
            if ((left & 1) != 0) {
                crc = times(odd, crc);
            }
            left >>= 1;
            if (left == 0) {
                break;
            }
        }
        return crc ^ crcB;
    }

    private static long times(long[] matrix, long vector) {
        long sum = 0;
        long left = vector;
        for (int row = 0; left != 0; row++, left >>>= 1) {
            if ((left & 1) != 0) {
                sum ^= matrix[row];
            }
        }
        return sum;
    }

    private static void square(long[] square, long[] matrix) {
        for (int row = 0; row < 32; row++) {
            square[row] = times(matrix, matrix[row]);
        }
    }
}
