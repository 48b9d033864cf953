package dev.sluice.categories;

import java.util.Locale;

/// Who decided on a category.
public enum Source {
    /// The owner, by a correction of the same merchant.
    USER,
    /// Words that say what kind of movement it is: salary, interest, fee, cash.
    RULE,
    /// The bank's own category, or the merchant category code.
    BANK,
    /// A brand that is known by name.
    BRAND,
    /// The trained model.
    MODEL,
    /// Nobody: the transaction is uncategorized.
    NONE;

    private final String word = name().toLowerCase(Locale.ROOT);

    /// Its name in tables and in JSON: `brand`.
    public String word() {
        return word;
    }
}
