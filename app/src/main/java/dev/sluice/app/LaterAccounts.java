package dev.sluice.app;

import dev.sluice.accounts.Accounts;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Accounts that are opened when somebody first asks for them: who works alone needs none, and starts sooner. Safe for
/// use by many threads.
final class LaterAccounts implements AutoCloseable {
    private final Supplier<Accounts> opening;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Accounts opened;

    LaterAccounts(Supplier<Accounts> opening) {
        this.opening = opening;
    }

    Accounts open() {
        Accounts known = opened;
        if (known != null) {
            return known;
        }
        lock.lock();
        try {
            known = opened;
            if (known == null) {
                known = opening.get();
                opened = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    void ifOpen(Consumer<Accounts> act) {
        Accounts known = opened;
        if (known != null) {
            act.accept(known);
        }
    }

    @Override
    public void close() {
        ifOpen(Accounts::close);
    }
}
