package dev.sluice.google;

import dev.sluice.core.StopToken;

/// The one account of a storage: whatever becomes of it, there is no other.
public record OneAccount(Account account) implements Accounts {
    @Override
    public Account any(StopToken stop) {
        return account;
    }

    @Override
    public Account reserve(String upload, long size, StopToken stop) {
        return account;
    }

    @Override
    public Account named(String id) {
        return account;
    }
}
