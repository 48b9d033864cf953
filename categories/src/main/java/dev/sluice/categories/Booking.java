package dev.sluice.categories;

import org.jspecify.annotations.Nullable;

/// What a bank says of one transaction.
///
/// @param description as the bank wrote it
/// @param counterparty who paid or was paid, where the bank has a column for it
/// @param amountMinor in the smallest unit of the currency; negative: money went out
/// @param currency ISO 4217
/// @param bankCategory the bank's own word
/// @param mcc merchant category code, ISO 18245: four digits
/// @param country ISO 3166 alpha-2 of where it was, which tells brands of one name apart
public record Booking(
        String description,
        @Nullable String counterparty,
        long amountMinor,
        String currency,
        @Nullable String bankCategory,
        @Nullable String mcc,
        @Nullable String country) {}
