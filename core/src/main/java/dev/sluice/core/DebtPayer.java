package dev.sluice.core;

import java.util.OptionalLong;

/// Takes away what a debt of one type stands for.
@FunctionalInterface
public interface DebtPayer {
    /// Returns once the provider, the folder or the process table no longer shows it; paying twice does no
    /// harm.
    ///
    /// @throws Exception where it is still there: the debt stays and is tried again
    void pay(Debt debt) throws Exception;

    /// Whether whoever goes on with the job goes on from what is owed: then it is not paid before the job has ended.
    default boolean isNeeded(Debt debt) {
        return false;
    }

    /// How many bytes of its job are kept in what is owed, where it holds any: what a job goes on from after a
    /// crash, which its last checkpoint may not have heard of.
    ///
    /// @throws Exception where that cannot be told now
    default OptionalLong kept(Debt debt) throws Exception {
        return OptionalLong.empty();
    }
}
