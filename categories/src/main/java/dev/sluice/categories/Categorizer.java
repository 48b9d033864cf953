package dev.sluice.categories;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Puts a category on a transaction. Immutable, for any number of threads; a decision depends on its arguments alone.
///
/// What was put right by the owner wins over everything. Then decide, the first that has something to say: words that
/// name the kind of movement; the bank's own category; the merchant category code; a known brand; the model. Money that
/// comes in from a merchant is a refund. Below [#SURE] a transaction stays uncategorized.
public final class Categorizer {
    /// How sure one must be.
    public static final double SURE = 0.7;

    private static final double BANK = 0.9;
    private static final double BACK = 0.85;
    /// What even a model that sees nothing in a category leaves to it.
    private static final double LEAST = 1e-3;

    private static final int SUGGESTIONS = 3;
    private static final List<Suggestion> CREDITS = List.of(
            new Suggestion(Category.INCOME, 0.4),
            new Suggestion(Category.TRANSFER, 0.3),
            new Suggestion(Category.REFUND, 0.2));

    private final Rules rules;
    private final BankWords bankWords;
    private final Codes codes;
    private final Brands brands;
    private final Model model;

    Categorizer(Rules rules, BankWords bankWords, Codes codes, Brands brands, Model model) {
        this.rules = rules;
        this.bankWords = bankWords;
        this.codes = codes;
        this.brands = brands;
        this.model = model;
    }

    /// The one with all tables and the model of this build: about 15 MB, made in less than a second; make one.
    public static Categorizer load() {
        return new Categorizer(Rules.load(), BankWords.load(), Codes.load(), new Brands(Brand.all()), Model.load());
    }

    /// Of what build the decisions are: `c1-` and eight hexadecimal digits of its classes and tables.
    public String modelVersion() {
        return model.version();
    }

    public Decision decide(Booking booking, Corrections corrections) {
        Text name = Merchant.named(booking);
        String merchant = name.key();
        Category corrected = merchant.isEmpty() ? null : corrections.of(merchant);
        if (corrected != null) {
            return sure(merchant, corrected, 1, Source.USER);
        }
        boolean credit = booking.amountMinor() > 0;
        Rules.Meaning meaning = meaning(booking, name, credit);
        if (meaning != null) {
            return sure(merchant, meaning.category(), meaning.confidence(), Source.RULE);
        }
        Category bank = bank(booking);
        if (bank != null) {
            return sure(merchant, credit && isSpent(bank) ? Category.REFUND : bank, BANK, Source.BANK);
        }
        return byName(merchant, name, booking.country(), credit);
    }

    private Rules.@Nullable Meaning meaning(Booking booking, Text name, boolean credit) {
        Rules.Meaning meaning = rules.meaning(name, credit);
        if (meaning == null && booking.counterparty() != null) {
            meaning = rules.meaning(new Text(booking.description()), credit);
        }
        return meaning;
    }

    private @Nullable Category bank(Booking booking) {
        String word = booking.bankCategory();
        Category category = word == null || word.isBlank() ? null : bankWords.category(word);
        String mcc = booking.mcc();
        return category != null || mcc == null ? category : codes.category(mcc);
    }

    private Decision byName(String merchant, Text name, @Nullable String country, boolean credit) {
        Brands.Match match = brands.match(name, country == null ? "" : country.toLowerCase(Locale.ROOT));
        if (credit) {
            return match != null && match.confidence() >= SURE && isSpent(match.category())
                    ? sure(merchant, Category.REFUND, BACK, Source.RULE)
                    : unsure(merchant, CREDITS);
        }
        if (match != null && match.whole() && match.confidence() >= SURE) {
            return sure(merchant, match.category(), match.confidence(), Source.BRAND);
        }
        Shares shares = model.shares(name);
        if (match != null && shares != Shares.NONE) {
            shares = together(match, shares);
        }
        if (shares.most() >= SURE) {
            boolean brand = match != null && match.category() == shares.best();
            return sure(merchant, shares.best(), shares.most(), brand ? Source.BRAND : Source.MODEL);
        }
        return unsure(merchant, shares.suggestions(SUGGESTIONS));
    }

    /// A brand that is only part of the name, and the model, as two witnesses: where they agree both are believed more,
    /// where they do not, neither. Brand^½ · model^¾: each less than its whole word, as they read the same letters.
    private static Shares together(Brands.Match match, Shares model) {
        double doubt = (1 - match.quality()) / Lessons.CLASSES.size();
        return Shares.of(category -> {
            double brand = match.quality() * match.shares().of(category) + doubt;
            double root = Math.sqrt(model.of(category) + LEAST);
            return model.of(category) == 0 ? 0 : Math.sqrt(brand) * root * Math.sqrt(root);
        });
    }

    /// Whether money in that category was paid to a merchant, who can give it back.
    private static boolean isSpent(Category category) {
        return category.compareTo(Category.BILLS) < 0;
    }

    private Decision sure(String merchant, Category category, double confidence, Source source) {
        return new Decision(merchant, category, confidence, source, model.version(), List.of());
    }

    private Decision unsure(String merchant, List<Suggestion> suggestions) {
        double confidence = suggestions.isEmpty() ? 0 : suggestions.getFirst().confidence();
        return new Decision(merchant, Category.UNCATEGORIZED, confidence, Source.NONE, model.version(), suggestions);
    }
}
