package dev.sluice.scan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/// The contract, met by the real clamd and by ours, over both sorts of sockets.
class ClamdContractTest {
    @Nested
    class RealOverALocalSocket extends ClamdContract {
        @Override
        ClamdAddress address() {
            return ClamdProcess.local();
        }

        @Override
        String engine() {
            return "ClamAV 1.";
        }
    }

    @Nested
    class RealOverTcp extends ClamdContract {
        @Override
        ClamdAddress address() {
            return ClamdProcess.remote();
        }

        @Override
        String engine() {
            return "ClamAV 1.";
        }
    }

    abstract static class Ours extends ClamdContract {
        private final TestingClamd clamd;

        Ours(TestingClamd clamd) {
            this.clamd = clamd;
        }

        @Override
        ClamdAddress address() {
            return clamd.address();
        }

        @Override
        String engine() {
            return "ClamAV 0.0.0-testing";
        }

        @AfterEach
        void nothingWasSaidThatClamdDoesNotKnow() {
            clamd.close();
            assertThat(clamd.violations()).isEmpty();
        }
    }

    @Nested
    class OursOverALocalSocket extends Ours {
        OursOverALocalSocket() {
            super(TestingClamd.local());
        }
    }

    @Nested
    class OursOverTcp extends Ours {
        OursOverTcp() {
            super(TestingClamd.remote());
        }
    }
}
