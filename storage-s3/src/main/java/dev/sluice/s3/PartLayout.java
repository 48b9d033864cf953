package dev.sluice.s3;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.ObjectSpec;
import java.util.Map;

/// How an object is cut into parts, numbered from 1. Of a known size all are alike but the last, and large enough
/// that 10,000 suffice; else every thousand the next ones are twice as large, up to the largest that fits into
/// memory.
///
/// @param first the size of the first part
/// @param size of the object, or [ObjectSpec#UNKNOWN]
/// @param largest a part that memory is given for
record PartLayout(long first, long size, long largest) {
    static final long STANDARD = 8L << 20;
    private static final int MOST_PARTS = 10_000;
    private static final int STEP = 1_000;
    private static final long GRAIN = 1L << 20;

    /// @throws ProblemException `too_large` where the parts would be too large for the memory that they may take
    static PartLayout of(long size, long standard, long largest) {
        long first = Math.min(standard, largest);
        if (size > first * MOST_PARTS) {
            long least = (size + MOST_PARTS - 1) / MOST_PARTS;
            first = (least + GRAIN - 1) / GRAIN * GRAIN;
        }
        if (first > largest) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    "a file of " + size + " bytes needs parts of " + first + " bytes, and upload.buffers gives at most "
                            + largest + ": raise it",
                    Map.of("limit", largest * MOST_PARTS));
        }
        return new PartLayout(first, size, largest);
    }

    /// The full size of a part.
    long size(int number) {
        if (size != ObjectSpec.UNKNOWN) {
            return first;
        }
        int doubled = Math.min((number - 1) / STEP, 16);
        return Math.max(first, Math.min(first << doubled, largest));
    }

    /// Whether the object is known to fit into one part.
    boolean single() {
        return size != ObjectSpec.UNKNOWN && size <= first;
    }

    /// What part `number`, which begins at `begin`, is to hold.
    long room(int number, long begin) {
        return size == ObjectSpec.UNKNOWN ? size(number) : Math.min(size(number), size - begin);
    }
}
