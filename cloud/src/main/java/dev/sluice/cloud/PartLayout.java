package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.ObjectSpec;
import java.util.Map;

/// How an object is cut into parts, numbered from 1. Of a known size all are alike but the last, and large enough
/// that there are not too many; else every thousand the next ones are twice as large, up to the largest that fits
/// into memory.
///
/// @param first the size of the first part
/// @param size of the object, or [ObjectSpec#UNKNOWN]
/// @param most how many parts the provider takes
/// @param largest a part that memory is given for
public record PartLayout(long first, long size, int most, long largest) {
    public static final long STANDARD = 8L << 20;
    private static final int STEP = 1_000;
    private static final long GRAIN = 1L << 20;

    /// Parts of the standard size, or larger ones where they would be too many.
    ///
    /// @throws ProblemException `too_large` where the parts would be too large for the memory that they may take
    public static PartLayout of(long size, int most, long largest) {
        long first = Math.min(STANDARD, largest);
        if (size > first * most) {
            long least = (size + most - 1) / most;
            first = (least + GRAIN - 1) / GRAIN * GRAIN;
        }
        if (first > largest) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    "a file of " + size + " bytes needs parts of " + first + " bytes, and upload.buffers gives at most "
                            + largest + ": raise it",
                    Map.of("limit", largest * most));
        }
        return new PartLayout(first, size, most, largest);
    }

    /// The full size of a part.
    private long size(int number) {
        if (size != ObjectSpec.UNKNOWN) {
            return first;
        }
        int doubled = Math.min((number - 1) / STEP, 16);
        return Math.max(first, Math.min(first << doubled, largest));
    }

    /// Whether the object is known to fit into one part.
    public boolean single() {
        return size != ObjectSpec.UNKNOWN && size <= first;
    }

    /// What part `number`, which begins at `begin`, is to hold.
    public long room(int number, long begin) {
        return size == ObjectSpec.UNKNOWN ? size(number) : Math.min(size(number), size - begin);
    }

    /// Where the part behind the first `parts` begins.
    public long end(int parts) {
        long end = 0;
        for (int number = 1; number <= parts; number++) {
            end += room(number, end);
        }
        return end;
    }
}
