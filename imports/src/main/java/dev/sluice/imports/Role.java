package dev.sluice.imports;

import java.util.Locale;
import java.util.Optional;

/// What a column of a bank's file means.
public enum Role {
    /// The day on which the bank booked it.
    BOOKED,
    /// The day from which it counts.
    VALUED,
    /// With its sign, unless a [#DIRECTION] says which way it goes.
    AMOUNT,
    /// What went out, with or without a sign.
    DEBIT,
    /// What came in.
    CREDIT,
    /// `S` or `H`, `debit` or `credit`, `Af` or `Bij`.
    DIRECTION,
    CURRENCY,
    /// The only one that several columns may have: they are joined by spaces.
    DESCRIPTION,
    COUNTERPARTY,
    COUNTERPARTY_ACCOUNT,
    REFERENCE,
    BALANCE,
    BANK_CATEGORY,
    /// The merchant category code of a card payment.
    MCC,
    /// Whose account it is, where the file says so.
    ACCOUNT,
    IGNORE;

    /// As it stands in profiles and answers: `counterparty_account`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The role of that word; empty where there is none.
    public static Optional<Role> of(String word) {
        for (Role role : values()) {
            if (role.word().equals(word)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
