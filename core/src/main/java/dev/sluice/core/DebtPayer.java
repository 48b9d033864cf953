package dev.sluice.core;

/// Takes away what a debt of one type stands for.
@FunctionalInterface
public interface DebtPayer {
    /// Returns once the provider, the folder or the process table no longer shows it; paying twice does no
    /// harm.
    ///
    /// @throws Exception where it is still there: the debt stays and is tried again
    void pay(Debt debt) throws Exception;
}
