package dev.sluice.imports;

/// Counts how often each fingerprint of a file has been seen, known by 64 of its bits: 12 bytes a place, at most three
/// of four of them taken. Used by one thread.
final class Occurrences {
    private long[] keys = new long[1 << 10];
    private int[] counts = new int[1 << 10];
    private int taken;

    /// Which time it is that this one is seen: 1 for the first.
    int next(long key) {
        if (4L * taken >= 3L * counts.length) {
            grow();
        }
        int place = place(key);
        if (counts[place] == 0) {
            keys[place] = key;
            taken++;
        }
        counts[place]++;
        return counts[place];
    }

    private int place(long key) {
        int mask = counts.length - 1;
        int place = (int) key & mask;
        while (counts[place] != 0 && keys[place] != key) {
            place = (place + 1) & mask;
        }
        return place;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldCounts = counts;
        keys = new long[2 * oldKeys.length];
        counts = new int[2 * oldCounts.length];
        for (int i = 0; i < oldCounts.length; i++) {
            if (oldCounts[i] != 0) {
                int place = place(oldKeys[i]);
                keys[place] = oldKeys[i];
                counts[place] = oldCounts[i];
            }
        }
    }
}
