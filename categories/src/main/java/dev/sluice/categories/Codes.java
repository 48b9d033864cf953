package dev.sluice.categories;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Merchant category codes, ISO 18245.
final class Codes {
    private static final int CODES = 10_000;
    private final @Nullable Category[] categories;

    private Codes(@Nullable Category[] categories) {
        this.categories = categories;
    }

    static Codes load() {
        @Nullable Category[] categories = new Category[CODES];
        for (String[] row : Table.rows("codes.tsv")) {
            categories[Integer.parseInt(row[0])] = Category.of(row[1]);
        }
        return new Codes(categories);
    }

    /// The category of a code; null where it says nothing, or is none.
    @Nullable
    Category category(String mcc) {
        String digits = mcc.strip();
        if (digits.isEmpty() || digits.length() > 4) {
            return null;
        }
        int code = 0;
        for (int at = 0; at < digits.length(); at++) {
            int digit = digits.charAt(at) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            code = code * 10 + digit;
        }
        return categories[code];
    }

    /// What each code is called, for the model to learn from.
    static Map<String, Category> descriptions() {
        Map<String, Category> descriptions = new LinkedHashMap<>();
        for (String[] row : Table.rows("codes.tsv")) {
            Category category = Category.of(row[1]);
            if (category != null) {
                descriptions.put(row[2], category);
            }
        }
        return descriptions;
    }
}
