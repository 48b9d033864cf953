package dev.sluice.csv;

import java.util.Locale;
import java.util.Set;

/// Words for yes and no.
enum Truth {
    YES,
    NO,
    NEITHER;

    private static final int LONGEST = 6;
    private static final Set<String> WORDS_OF_YES = Set.of(
            "true",
            "yes",
            "y",
            "t",
            "ja",
            "wahr",
            "oui",
            "vrai",
            "si",
            "sí",
            "verdadero",
            "sì",
            "vero",
            "waar",
            "tak",
            "prawda",
            "sim");
    private static final Set<String> WORDS_OF_NO = Set.of(
            "false", "no", "n", "f", "nein", "falsch", "non", "faux", "falso", "nee", "onwaar", "nie", "fałsz", "não");

    static Truth of(char[] text, int from, int to) {
        if (to - from > LONGEST || to == from) {
            return NEITHER;
        }
        char c = text[from];
        if ("tTyYjJwWoOvVsSpPfFnN".indexOf(c) < 0) {
            return NEITHER;
        }
        return of(new String(text, from, to - from));
    }

    static Truth of(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        if (WORDS_OF_YES.contains(lower)) {
            return YES;
        }
        return WORDS_OF_NO.contains(lower) ? NO : NEITHER;
    }
}
