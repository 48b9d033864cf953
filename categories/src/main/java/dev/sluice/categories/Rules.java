package dev.sluice.categories;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a movement calls itself, in eight languages: salary, interest, fee, cash, rent. The longest phrase wins; of two
/// of one length the surer, then the first.
final class Rules {
    /// A phrase's meaning.
    ///
    /// @param confidence what we would bet; none was measured
    record Meaning(Category category, double confidence) {}

    private static final Meaning NOTHING = new Meaning(Category.UNCATEGORIZED, 0);
    private final Phrases phrases;
    private final List<Meaning> in;
    private final List<Meaning> out;

    private Rules(Phrases phrases, List<Meaning> in, List<Meaning> out) {
        this.phrases = phrases;
        this.in = in;
        this.out = out;
    }

    static Rules load() {
        List<String> known = new ArrayList<>();
        List<Meaning> in = new ArrayList<>();
        List<Meaning> out = new ArrayList<>();
        Phrases.Builder phrases = new Phrases.Builder();
        for (String[] row : Table.rows("rules.tsv")) {
            Meaning meaning = new Meaning(Category.named(row[1]), Double.parseDouble(row[2]));
            for (String phrase : Table.listed(row[3])) {
                int number = known.indexOf(phrase);
                if (number < 0) {
                    number = known.size();
                    known.add(phrase);
                    in.add(NOTHING);
                    out.add(NOTHING);
                    phrases.add(phrase, number);
                }
                if (!row[0].equals("out")) {
                    in.set(number, meaning);
                }
                if (!row[0].equals("in")) {
                    out.set(number, meaning);
                }
            }
        }
        return new Rules(phrases.build(), List.copyOf(in), List.copyOf(out));
    }

    /// What the text says, or null.
    ///
    /// @param credit whether money came in
    @Nullable
    Meaning meaning(Text text, boolean credit) {
        List<Meaning> meanings = credit ? in : out;
        Meaning best = NOTHING;
        int longest = 0;
        for (int word = 0; word < text.words(); word++) {
            int found = phrases.longest(text, word);
            if (found >= 0) {
                Meaning meaning = meanings.get(found >> 3);
                int size = found & 7;
                boolean surer = size == longest && meaning.confidence() > best.confidence();
                if (meaning.confidence() > 0 && (size > longest || surer)) {
                    best = meaning;
                    longest = size;
                }
            }
        }
        return longest == 0 ? null : best;
    }
}
