package dev.sluice.db;

import org.jspecify.annotations.Nullable;

/// A unit of work inside a transaction that it may share with others. It may be run again, in another
/// transaction, so it has no effect outside of its transaction.
@FunctionalInterface
public interface Unit<T extends @Nullable Object> {
    /// @throws Exception reaches whoever wrote; nothing of the unit stays then
    T run(Transaction transaction) throws Exception;
}
