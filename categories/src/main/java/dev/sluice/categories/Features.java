package dev.sluice.categories;

import java.util.Arrays;

/// What the model sees of a text: each word of the name (twice, it says
/// most), each two neighbours, and all runs of two to five letters within
/// a word and its two ends, each as a number from 0 to 2^[#BITS]. Bank noise is not seen.
final class Features {
    static final int BITS = 17;
    private static final int MASK = (1 << BITS) - 1;
    private static final int SHORTEST = 2;
    private static final int LONGEST = 5;
    private static final int MOST = Model.MOST_FEATURES;
    private static final long WHOLE_WORD = 0x57;
    private static final long NEIGHBOURS = 0x4e;

    private Features() {}

    /// The features of a text; empty where it names nobody.
    static int[] of(Text text) {
        int[] features = new int[MOST];
        int count = 0;
        long last = 0;
        for (int word = 0; word < text.words() && count < MOST - 120; word++) {
            if (text.kind(word) != Text.WORD) {
                continue;
            }
            int whole = bucket(text.hash(word) ^ WHOLE_WORD);
            features[count++] = whole;
            features[count++] = whole;
            if (last != 0) {
                features[count++] = bucket(Hash.then(last, text.hash(word)) ^ NEIGHBOURS);
            }
            last = text.hash(word);
            count = runs(text, text.start(word), Math.min(text.end(word), text.start(word) + 24), features, count);
        }
        return Arrays.copyOf(features, count);
    }

    private static int runs(Text text, int start, int end, int[] features, int before) {
        int count = before;
        for (int from = start - 1; from < end; from++) {
            long hash = Hash.START;
            int most = Math.min(end + 1, from + LONGEST);
            for (int at = from; at < most; at++) {
                hash = Hash.step(hash, at < start ? '^' : at == end ? '$' : text.letter(at));
                if (at - from + 1 >= SHORTEST) {
                    features[count++] = bucket(hash);
                }
            }
        }
        return count;
    }

    private static int bucket(long hash) {
        long mixed = hash * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 40) & MASK;
    }
}
