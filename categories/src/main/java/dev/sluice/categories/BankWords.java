package dev.sluice.categories;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a bank's own category means: `Essen & Trinken` is [Category#EATING_OUT]. The whole word decides, else the
/// longest phrase in it; words that stand for everything ("Sonstiges", "Shopping") say nothing.
final class BankWords {
    private final Phrases phrases;

    private BankWords(Phrases phrases) {
        this.phrases = phrases;
    }

    static BankWords load() {
        Phrases.Builder phrases = new Phrases.Builder();
        for (String[] row : Table.rows("bankwords.tsv")) {
            for (String phrase : Table.listed(row[1])) {
                phrases.add(phrase, List.of(Category.values()).indexOf(Category.named(row[0])));
            }
        }
        return new BankWords(phrases.build());
    }

    @Nullable
    Category category(String bankCategory) {
        Text text = new Text(bankCategory);
        int best = -1;
        for (int word = 0; word < text.words(); word++) {
            int found = phrases.longest(text, word);
            if (found >= 0 && (best < 0 || (found & 7) > (best & 7))) {
                best = found;
            }
        }
        return best < 0 ? null : Category.at(best >> 3);
    }
}
