package dev.sluice.imports;

import dev.sluice.core.Debt;
import dev.sluice.core.DebtPayer;

/// The rows of an import that is not completed: they are taken back.
///
/// @param number of the import
record ImportDebt(long number) {
    static final String TYPE = "import";

    static DebtPayer payer(Ledger ledger) {
        return new DebtPayer() {
            @Override
            public void pay(Debt debt) {
                ledger.forget(debt.job());
            }

            @Override
            public boolean isNeeded(Debt debt) {
                return true;
            }
        };
    }
}
