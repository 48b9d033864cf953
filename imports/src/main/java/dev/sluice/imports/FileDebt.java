package dev.sluice.imports;

import dev.sluice.core.Debt;
import dev.sluice.core.DebtPayer;

/// The file of an import, which is not kept once its job has ended.
///
/// @param filename as its sender calls it
record FileDebt(String filename) {
    static final String TYPE = "import-file";

    static DebtPayer payer(Inbox inbox) {
        return new DebtPayer() {
            @Override
            public void pay(Debt debt) {
                inbox.remove(debt.job());
            }

            @Override
            public boolean isNeeded(Debt debt) {
                return true;
            }
        };
    }
}
