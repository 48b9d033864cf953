package dev.sluice.imports;

import dev.sluice.categories.Booking;
import dev.sluice.categories.Category;
import org.jspecify.annotations.Nullable;

/// A transaction that is there.
///
/// @param job the import that brought it
/// @param booked the day, as ISO 8601
/// @param valued the day, as ISO 8601, where it is another one than booked
/// @param amount in minor units of the currency; negative where money left the account
/// @param currency as ISO 4217; `XXX` where nothing says it
/// @param balance of the account behind it, in minor units
/// @param formula whether a cell of it looks like a formula of a spreadsheet
/// @param line of its file, from 1
/// @param category by its word
/// @param confidence 0–1
/// @param source who decided: `user`, `rule`, `bank`, `brand`, `model`, `none`
/// @param model the version that decided
public record Booked(
        long id,
        String job,
        String account,
        String booked,
        @Nullable String valued,
        long amount,
        String currency,
        String description,
        @Nullable String counterparty,
        @Nullable String counterpartyAccount,
        @Nullable String reference,
        @Nullable Long balance,
        @Nullable String bankCategory,
        @Nullable String mcc,
        boolean formula,
        long line,
        String category,
        double confidence,
        String source,
        String model) {
    /// As its category is decided.
    Booking booking() {
        return new Booking(description, counterparty, amount, currency, bankCategory, mcc, null);
    }

    boolean isUncategorized() {
        return category.equals(Category.UNCATEGORIZED.word());
    }
}
