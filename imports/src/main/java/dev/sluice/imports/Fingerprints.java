package dev.sluice.imports;

import java.util.Arrays;

/// The fingerprints of all rows of a file, in its order: 20 bytes a row. Used by one thread.
final class Fingerprints {
    /// So many are sorted at a time: their place among them fits into the bits of a number that the order can do
    /// without.
    private static final int SORTED = 1 << 20;

    private final Whose whose;
    private final Fingerprint fingerprint;
    private final Occurrences seen = new Occurrences();
    private long[] highs = new long[1 << 10];
    private long[] lows = new long[1 << 10];
    private int[] occurrences = new int[1 << 10];
    private int size;

    Fingerprints(Whose whose) {
        this.whose = whose;
        this.fingerprint = new Fingerprint(whose.owner());
    }

    void add(BookedRow row) {
        if (size == highs.length) {
            highs = Arrays.copyOf(highs, 2 * size);
            lows = Arrays.copyOf(lows, 2 * size);
            occurrences = Arrays.copyOf(occurrences, 2 * size);
        }
        String counterparty = row.counterparty();
        fingerprint.of(
                whose.account(row),
                row.booked().toEpochDay(),
                row.amountMinor(),
                whose.currency(row),
                row.description().isBlank() && counterparty != null ? counterparty : row.description(),
                row.reference(),
                row.balanceMinor());
        highs[size] = fingerprint.high();
        lows[size] = fingerprint.low();
        occurrences[size] = seen.next(fingerprint.low());
        size++;
    }

    /// How many rows there are.
    int size() {
        return size;
    }

    long high(int row) {
        return highs[row];
    }

    long low(int row) {
        return lows[row];
    }

    /// Which time it is, from 1, that a row with the same fingerprint stands in the file.
    int occurrence(int row) {
        return occurrences[row];
    }

    /// The rows from `first` on, at most [#SORTED] of them, by the first 44 bits of their fingerprints: so that who
    /// looks for them in an index goes through it once.
    int[] sorted(int first) {
        int count = Math.min(SORTED, size - first);
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = (highs[first + i] & -SORTED) | i;
        }
        Arrays.sort(keys);
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = first + (int) (keys[i] & (SORTED - 1));
        }
        return rows;
    }
}
