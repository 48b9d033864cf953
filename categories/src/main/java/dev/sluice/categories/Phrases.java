package dev.sluice.categories;

import java.util.HashMap;
import java.util.Map;

/// Rows of one to six words, each with a number. Immutable; made by its [Builder].
final class Phrases {
    static final int LONGEST = 6;
    private final Index firsts;
    private final Index phrases;

    private Phrases(Index firsts, Index phrases) {
        this.firsts = firsts;
        this.phrases = phrases;
    }

    /// The longest phrase that begins at a word: its number × 8 + how many words it has; -1 where there is none.
    int longest(Text text, int word) {
        int most = Math.min(firsts.get(text.hash(word)), text.words() - word);
        int found = -1;
        long row = 0;
        for (int count = 1; count <= most; count++) {
            row = Hash.then(row, text.hash(word + count - 1));
            int number = phrases.get(row);
            if (number >= 0) {
                found = number * 8 + count;
            }
        }
        return found;
    }

    static final class Builder {
        private final Map<Long, Integer> firsts = new HashMap<>();
        private final Map<Long, Integer> phrases = new HashMap<>();

        /// Adds a phrase; the number of one that is known already stays. Longer ones are left out.
        void add(String phrase, int number) {
            Text text = new Text(phrase);
            if (text.words() == 0 || text.words() > LONGEST) {
                return;
            }
            long row = 0;
            for (int word = 0; word < text.words(); word++) {
                row = Hash.then(row, text.hash(word));
            }
            phrases.putIfAbsent(row, number);
            firsts.merge(text.hash(0), text.words(), Math::max);
        }

        Phrases build() {
            return new Phrases(new Index(firsts), new Index(phrases));
        }
    }
}
