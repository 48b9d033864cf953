package dev.sluice.categories;

import java.util.Map;

/// From hashes, of which none is 0, to numbers ≥ 0. Immutable.
final class Index {
    static final int ABSENT = -1;
    private final long[] keys;
    private final int[] numbers;
    private final int mask;

    Index(Map<Long, Integer> entries) {
        int room = Integer.highestOneBit(Math.max(4, entries.size() * 3 - 1)) << 1;
        keys = new long[room];
        numbers = new int[room];
        mask = room - 1;
        entries.forEach((hash, number) -> {
            int at = (int) (long) hash & mask;
            while (keys[at] != 0) {
                at = (at + 1) & mask;
            }
            keys[at] = hash;
            numbers[at] = number;
        });
    }

    int get(long hash) {
        int at = (int) hash & mask;
        while (keys[at] != 0) {
            if (keys[at] == hash) {
                return numbers[at];
            }
            at = (at + 1) & mask;
        }
        return ABSENT;
    }
}
