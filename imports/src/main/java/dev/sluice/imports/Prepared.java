package dev.sluice.imports;

import java.util.Comparator;

/// A row that may be new.
///
/// @param id that it has where it is
/// @param high of its fingerprint, the first half
/// @param low of its fingerprint, the second half
/// @param occurrence among rows of its file with the same fingerprint, from 1
record Prepared(long id, BookedRow row, String account, String currency, long high, long low, int occurrence) {
    static final Comparator<Prepared> BY_FINGERPRINT = Comparator.comparingLong(Prepared::high)
            .thenComparingLong(Prepared::low)
            .thenComparingInt(Prepared::occurrence);
}
