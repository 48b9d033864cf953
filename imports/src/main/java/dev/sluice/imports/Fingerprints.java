package dev.sluice.imports;

import java.util.Arrays;

/// The fingerprints of all rows of a file, in its order: 20 bytes a row. Used by one thread.
final class Fingerprints {
    /// So many are sorted at a time: their place among them fits into the bits of a number that the order can do
    /// without.
    private static final int SORTED = 1 << 20;

    private final boolean counted;
    private final Occurrences seen = new Occurrences();
    private long[] highs = new long[1 << 10];
    private long[] lows = new long[1 << 10];
    private int[] occurrences = new int[1 << 10];
    private int size;

    /// @param counted whether equal rows are told apart by how many came before; otherwise they are one
    Fingerprints(boolean counted) {
        this.counted = counted;
    }

    void add(Fingerprint row) {
        if (size == highs.length) {
            highs = Arrays.copyOf(highs, 2 * size);
            lows = Arrays.copyOf(lows, 2 * size);
            occurrences = Arrays.copyOf(occurrences, 2 * size);
        }
        highs[size] = row.high();
        lows[size] = row.low();
        occurrences[size] = counted ? seen.next(row.low()) : 1;
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
