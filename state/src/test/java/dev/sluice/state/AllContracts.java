package dev.sluice.state;

import org.junit.jupiter.api.Nested;

/// All contracts of the state, to be kept on one database.
abstract class AllContracts {
    abstract StateContract.Ground ground();

    @Nested
    class Submitting extends SubmissionContract {
        Submitting() {
            super(ground());
        }
    }

    @Nested
    class Changing extends ChangeContract {
        Changing() {
            super(ground());
        }
    }

    @Nested
    class Owing extends DebtContract {
        Owing() {
            super(ground());
        }
    }

    @Nested
    class Asking extends QueryContract {
        Asking() {
            super(ground());
        }
    }

    @Nested
    class Telling extends EventContract {
        Telling() {
            super(ground());
        }
    }

    @Nested
    class Summing extends InsightContract {
        Summing() {
            super(ground());
        }
    }

    @Nested
    class Leasing extends NodeContract {
        Leasing() {
            super(ground());
        }
    }
}
