package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.categories.Suggestion;
import dev.sluice.csv.Currencies;
import dev.sluice.imports.Booked;
import dev.sluice.imports.ImportSettings;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A transaction as it is shown.
///
/// @param job the import that brought it
/// @param booked the day, as ISO 8601
/// @param valued the day, as ISO 8601
/// @param amount as a decimal number, exactly: `-12.50`; negative where money left the account
/// @param amountMinor the same in minor units of the currency
/// @param currency as ISO 4217; absent where nothing says it
/// @param balance of the account behind it, as `amount`
/// @param formula whether a cell of it looks like a formula of a spreadsheet
/// @param line of its file, from 1
/// @param confidence 0–1
/// @param source who decided on the category: `user`, `rule`, `bank`, `brand`, `model`, `none`
/// @param model the version that decided
/// @param suggestions of one that is uncategorized: the best three categories, best first
public record TransactionDocument(
        long id,
        @JsonProperty("import") String job,
        String account,
        String booked,
        @Nullable String valued,
        String amount,
        long amountMinor,
        @Nullable String currency,
        String description,
        @Nullable String counterparty,
        @Nullable String counterpartyAccount,
        @Nullable String reference,
        @Nullable String balance,
        @Nullable String bankCategory,
        @Nullable String mcc,
        String category,
        double confidence,
        String source,
        String model,
        @Nullable List<SuggestionDocument> suggestions,
        boolean formula,
        long line) {
    /// A category that it could be.
    ///
    /// @param confidence 0–1: how often such a suggestion is right
    public record SuggestionDocument(String category, double confidence) {}

    static TransactionDocument of(Booked booked) {
        return of(booked, null);
    }

    /// @param suggestions null: none are shown
    public static TransactionDocument of(Booked booked, @Nullable List<Suggestion> suggestions) {
        boolean known = !booked.currency().equals(ImportSettings.NO_CURRENCY);
        Long balance = booked.balance();
        return new TransactionDocument(
                booked.id(),
                booked.job(),
                booked.account(),
                booked.booked(),
                booked.valued(),
                decimal(booked.amount(), booked.currency()),
                booked.amount(),
                known ? booked.currency() : null,
                booked.description(),
                booked.counterparty(),
                booked.counterpartyAccount(),
                booked.reference(),
                balance == null ? null : decimal(balance, booked.currency()),
                booked.bankCategory(),
                booked.mcc(),
                booked.category(),
                booked.confidence(),
                booked.source(),
                booked.model(),
                suggestions == null
                        ? null
                        : suggestions.stream()
                                .map(one ->
                                        new SuggestionDocument(one.category().word(), one.confidence()))
                                .toList(),
                booked.formula(),
                booked.line());
    }

    static String decimal(long minor, @Nullable String currency) {
        return BigDecimal.valueOf(minor, Currencies.digits(currency)).toPlainString();
    }
}
