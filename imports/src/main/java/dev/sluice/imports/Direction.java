package dev.sluice.imports;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which way money went, as banks write it in a column of its own.
enum Direction {
    OUT,
    IN;

    private static final Set<String> WORDS_OF_OUT = Set.of(
            "s",
            "soll",
            "d",
            "dr",
            "db",
            "debit",
            "dbit",
            "debet",
            "af",
            "out",
            "outgoing",
            "withdrawal",
            "expense",
            "ausgang",
            "lastschrift",
            "belastung",
            "cargo",
            "debe",
            "dare",
            "uscita",
            "addebito",
            "uitgaand",
            "obciazenie",
            "ma obciazenie",
            "wydatek",
            "debito",
            "saida",
            "sortie");
    private static final Set<String> WORDS_OF_IN = Set.of(
            "h",
            "haben",
            "c",
            "cr",
            "credit",
            "crdt",
            "kredit",
            "bij",
            "in",
            "incoming",
            "deposit",
            "income",
            "eingang",
            "gutschrift",
            "abono",
            "haber",
            "avere",
            "entrata",
            "accredito",
            "inkomend",
            "uznanie",
            "wplyw",
            "credito",
            "entrada",
            "entree");

    /// Null: it is no such word.
    static @Nullable Direction of(String text) {
        return switch (text) {
            case "-" -> OUT;
            case "+" -> IN;
            default -> ofWord(HeaderWords.normalized(text));
        };
    }

    private static @Nullable Direction ofWord(String word) {
        return WORDS_OF_OUT.contains(word) ? OUT : WORDS_OF_IN.contains(word) ? IN : null;
    }
}
