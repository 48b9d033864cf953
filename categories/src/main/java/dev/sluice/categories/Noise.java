package dev.sluice.categories;

import java.util.HashMap;
import java.util.Map;

/// Words that are in a bank's text for other reasons than to name a merchant.
final class Noise {
    /// How the money moved, legal forms, currencies: never part of a name.
    static final int DROPPED = 1;
    /// Who passes payments on: dropped before `*`.
    static final int PROCESSOR = 2;
    /// Who passes payments on: dropped at the beginning even without `*`.
    static final int LEADING = 4;
    /// A month: dropped beside a number.
    static final int MONTH = 8;
    /// A state, whose city stands before it.
    static final int STATE = 16;
    /// A country's two letters.
    static final int COUNTRY = 32;
    /// A city known by name: dropped at the end.
    static final int CITY = 64;
    /// The first word of many cities: San, New, Fort.
    static final int CITY_FIRST = 128;
    /// What a reference follows, up to the next of these or of [#PURPOSE].
    static final int REFERENCE = 256;
    /// What ends a reference.
    static final int PURPOSE = 512;

    private static final Map<String, Integer> KINDS = Map.of(
            "dropped", DROPPED,
            "processor", PROCESSOR,
            "leading", LEADING | PROCESSOR,
            "month", MONTH,
            "state", STATE,
            "country", COUNTRY,
            "city", CITY,
            "city_first", CITY_FIRST,
            "reference", REFERENCE,
            "purpose", PURPOSE);
    private static final Index WORDS = words();

    private Noise() {}

    /// The kinds of a word, as bits.
    static int of(long word) {
        return Math.max(0, WORDS.get(word));
    }

    private static Index words() {
        Map<Long, Integer> kinds = new HashMap<>();
        for (String[] row : Table.rows("noise.tsv")) {
            Integer kind = KINDS.get(row[0]);
            if (kind == null) {
                throw new IllegalStateException("noise.tsv: there is no kind " + row[0]);
            }
            for (String word : row[1].split(" ")) {
                kinds.merge(Hash.of(word), kind, (one, other) -> one | other);
            }
        }
        return new Index(kinds);
    }
}
