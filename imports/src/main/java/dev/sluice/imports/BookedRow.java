package dev.sluice.imports;

import dev.sluice.categories.Booking;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/// A transaction as a file tells it. Texts have no spaces around them; those that are empty are null.
///
/// @param amountMinor in minor units of the currency: below zero where money went out
/// @param currency as ISO 4217; null: neither the file nor who sent it names one
/// @param description empty where the file has none
/// @param account whose it is; null: the file does not say
/// @param formula whether one of its texts would be taken for a formula by a spreadsheet
public record BookedRow(
        long line,
        LocalDate booked,
        @Nullable LocalDate valued,
        long amountMinor,
        @Nullable String currency,
        String description,
        @Nullable String counterparty,
        @Nullable String counterpartyAccount,
        @Nullable String reference,
        @Nullable Long balanceMinor,
        @Nullable String bankCategory,
        @Nullable String mcc,
        @Nullable String account,
        boolean formula)
        implements ImportedRow {
    /// As its category is decided.
    Booking booking() {
        return new Booking(
                description, counterparty, amountMinor, currency == null ? "" : currency, bankCategory, mcc, null);
    }
}
