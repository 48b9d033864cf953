package dev.sluice.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/// A CRC-32, or a CRC-32C, that can be taken up again from its value: the value of a whole follows from those of its
/// two parts and the second one's length, by the matrix method of zlib's `crc32_combine` (M. Adler). Confined to one
/// thread.
public final class RunningCrc32 {
    private static final long POLYNOMIAL = 0xedb88320L;

    /// Of CRC-32C (G. Castagnoli; RFC 3720 §12.1).
    private static final long CASTAGNOLI = 0x82f63b78L;

    private final long polynomial;
    private final long before;
    private final Checksum since;
    private long sinceLength;

    /// @param before the value over all earlier bytes
    public RunningCrc32(long before) {
        this(POLYNOMIAL, before, new CRC32());
    }

    private RunningCrc32(long polynomial, long before, Checksum since) {
        this.polynomial = polynomial;
        this.before = before;
        this.since = since;
    }

    /// A CRC-32C.
    ///
    /// @param before the value over all earlier bytes
    public static RunningCrc32 castagnoli(long before) {
        return new RunningCrc32(CASTAGNOLI, before, new CRC32C());
    }

    /// Takes the remaining bytes of `bytes`, whose position stays.
    public void update(ByteBuffer bytes) {
        sinceLength += bytes.remaining();
        since.update(bytes.duplicate());
    }

    public long value() {
        return sinceLength == 0 ? before : combine(polynomial, before, since.getValue(), sinceLength);
    }

    /// The CRC-32 of A followed by B.
    ///
    /// @param crcA of A
    /// @param crcB of B
    /// @param lengthB of B in bytes
    public static long combine(long crcA, long crcB, long lengthB) {
        return combine(POLYNOMIAL, crcA, crcB, lengthB);
    }

    private static long combine(long polynomial, long crcA, long crcB, long lengthB) {
        if (lengthB <= 0) {
            return crcA;
        }
        long[] even = new long[32];
        long[] odd = new long[32];
        odd[0] = polynomial;
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
