package dev.sluice.fakes;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// A CRC-32C that can go back to where it was marked. The JDK's cannot be copied, so what came after the mark
/// is summed apart and joined to what came before by arithmetic in GF(2) (Mark Adler's `crc32_combine` in
/// zlib).
final class Crc32c {
    private static final int POLYNOMIAL = 0x82F63B78;

    private int before;
    private CRC32C since = new CRC32C();
    private long sinceLength;
    private long operatorLength = -1;
    private int[] operator = new int[32];

    void update(ByteBuffer bytes) {
        sinceLength += bytes.remaining();
        since.update(bytes);
    }

    void mark() {
        before = value();
        forget();
    }

    void reset() {
        forget();
    }

    int value() {
        return sinceLength == 0 ? before : times(operator(sinceLength), before) ^ (int) since.getValue();
    }

    private void forget() {
        since = new CRC32C();
        sinceLength = 0;
    }

    /// What appending that many zero bytes does to a CRC, as a matrix. The last one is kept: marks are mostly
    /// equally far apart.
    private int[] operator(long zeros) {
        if (zeros == operatorLength) {
            return operator;
        }
        var power = new int[32];
        power[0] = POLYNOMIAL;
        for (int bit = 1; bit < 32; bit++) {
            power[bit] = 1 << (bit - 1);
        }
        var result = new int[32];
        for (int bit = 0; bit < 32; bit++) {
            result[bit] = 1 << bit;
        }
        for (long bits = zeros * 8; bits != 0; bits >>>= 1) {
            if ((bits & 1) != 0) {
                result = product(power, result);
            }
            power = product(power, power);
        }
        operatorLength = zeros;
        operator = result;
        return result;
    }

    private static int[] product(int[] left, int[] right) {
        var product = new int[32];
        for (int column = 0; column < 32; column++) {
            product[column] = times(left, right[column]);
        }
        return product;
    }

    private static int times(int[] matrix, int vector) {
        int sum = 0;
        for (int column = 0; vector != 0; column++, vector >>>= 1) {
            if ((vector & 1) != 0) {
                sum ^= matrix[column];
            }
        }
        return sum;
    }
}
