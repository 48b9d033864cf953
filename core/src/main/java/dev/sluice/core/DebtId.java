package dev.sluice.core;

/// The identity of a debt. 1–64 characters of `A-Z a-z 0-9 . _ -`.
public record DebtId(String value) {
    public DebtId {
        Ids.requireIdentifier("debt id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
