package dev.sluice.categories;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The gazetteer: finds a known brand in a bank's text, the longest name first, and says how far to trust what was
/// found. Immutable.
///
/// A name that is the whole merchant is nearly certain; one that only begins it, less; a single word amid others is
/// trusted as far as other brands with that word do the same business. The grades are ours; docs/categorization.md
/// shows how often they are right.
final class Brands {
    private static final double WHOLE = 0.97;
    private static final int JOINED = 8;

    /// A brand in a text.
    ///
    /// @param whole whether it is the whole name of the merchant
    /// @param quality how probable it is that the text means that brand
    /// @param shares how probable each category is if it does
    record Match(boolean whole, double quality, Shares shares) {
        Category category() {
            return shares.best();
        }

        double confidence() {
            return quality * shares.most();
        }
    }

    /// What a form stands for.
    ///
    /// @param purity of a single word: which part of the brands that have it do the same business
    private record Entry(Brand brand, Shares shares, double purity) {}

    private final Phrases phrases;
    private final List<Entry> entries;

    Brands(List<Brand> brands) {
        Map<String, Integer> numbers = new HashMap<>();
        List<List<Brand>> meant = new ArrayList<>();
        Map<String, Map<Category, Double>> words = keywords();
        Phrases.Builder builder = new Phrases.Builder();
        List<String> written = new ArrayList<>();
        for (Brand brand : brands) {
            for (String word : distinctWords(brand)) {
                Map<Category, Double> seen = words.computeIfAbsent(word, unseen -> new EnumMap<>(Category.class));
                Shares shares = brand.shares("");
                brand.senses().stream()
                        .map(Brand.Sense::category)
                        .distinct()
                        .forEach(category -> seen.merge(category, shares.of(category), Double::sum));
            }
            for (String form : forms(brand)) {
                int number = numbers.computeIfAbsent(form, unseen -> {
                    builder.add(form, meant.size());
                    meant.add(new ArrayList<>());
                    written.add(form);
                    return numbers.size();
                });
                meant.get(number).add(brand);
            }
        }
        List<Entry> all = new ArrayList<>();
        for (int number = 0; number < meant.size(); number++) {
            Brand brand = meant.get(number).stream().reduce(Brand::with).orElseThrow();
            Shares shares = brand.shares("");
            all.add(new Entry(brand, shares, purity(shares, words.get(written.get(number)))));
        }
        phrases = builder.build();
        entries = List.copyOf(all);
    }

    /// The most trusted brand in a text, or null.
    ///
    /// @param country two small letters, or empty
    @Nullable
    Match match(Text text, String country) {
        int named = text.named();
        Entry best = null;
        double trust = 0;
        double quality = 0;
        boolean first = true;
        for (int word = 0; word < text.words(); word++) {
            int found = text.kind(word) == Text.TAIL ? -1 : phrases.longest(text, word);
            if (found >= 0) {
                int size = found & 7;
                Entry entry = entries.get(found >> 3);
                double grade = grade(text, word, size, named, first, entry.purity());
                double confidence = grade * entry.shares().most();
                if (confidence > trust) {
                    best = entry;
                    trust = confidence;
                    quality = grade;
                }
            }
            first &= text.kind(word) != Text.WORD;
        }
        if (best == null) {
            return null;
        }
        return new Match(
                quality == WHOLE,
                quality,
                country.isEmpty() ? best.shares() : best.brand().shares(country));
    }

    private static double grade(Text text, int word, int size, int named, boolean first, double purity) {
        int covered = 0;
        for (int at = word; at < word + size; at++) {
            covered += text.kind(at) == Text.WORD ? 1 : 0;
        }
        if (covered == 0) {
            return 0;
        }
        int letters = text.end(word + size - 1) - text.start(word);
        if (covered == named) {
            return letters < 2 ? 0.5 : WHOLE;
        }
        if (size > 1) {
            return letters < 5 ? 0.6 : first ? 0.95 : 0.88;
        }
        double single = first ? letters < 3 ? 0.6 : letters < 5 ? 0.82 : 0.9 : letters < 6 ? 0.2 : 0.35;
        return single * purity;
    }

    private static double purity(Shares shares, @Nullable Map<Category, Double> seen) {
        if (seen == null) {
            return 1;
        }
        double same = 0;
        double all = 0;
        for (Map.Entry<Category, Double> one : seen.entrySet()) {
            same += shares.of(one.getKey()) > 0 ? one.getValue() : 0;
            all += one.getValue();
        }
        return (same + 1) / (all + 1);
    }

    /// Every spelling in words: also in one piece, and with ae for ä.
    private static List<String> forms(Brand brand) {
        List<String> forms = new ArrayList<>();
        for (String form : brand.forms()) {
            forms.add(words(form));
            forms.add(words(form.replace("ä", "ae")
                    .replace("ö", "oe")
                    .replace("ü", "ue")
                    .replace("Ä", "Ae")
                    .replace("Ö", "Oe")
                    .replace("Ü", "Ue")));
            String joined = new Text(form).joined();
            if (joined.length() >= JOINED) {
                forms.add(joined);
            }
        }
        return forms.stream().filter(form -> !form.isEmpty()).distinct().toList();
    }

    private static String words(String form) {
        Text text = new Text(form);
        List<String> words = new ArrayList<>();
        for (int word = 0; word < text.words(); word++) {
            words.add(text.word(word));
        }
        return String.join(" ", words);
    }

    private static List<String> distinctWords(Brand brand) {
        return brand.forms().stream()
                .flatMap(form -> Arrays.stream(words(form).split(" ")))
                .filter(word -> !word.isEmpty())
                .distinct()
                .toList();
    }

    /// The words that name a kind of merchant count as ten brands.
    private static Map<String, Map<Category, Double>> keywords() {
        Map<String, Map<Category, Double>> words = new HashMap<>();
        for (String[] row : Table.rows("words.tsv")) {
            Category category = Category.named(row[0]);
            for (String word : Table.listed(row[1])) {
                words.computeIfAbsent(word, unseen -> new EnumMap<>(Category.class))
                        .merge(category, 10.0, Double::sum);
            }
        }
        return words;
    }
}
