package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TriesTest {
    private final StopToken stop = new StopToken();
    private final AtomicInteger calls = new AtomicInteger();
    private final Tries<Refusal> tries =
            new Tries<>(new BackOff(Duration.ofMillis(1), Duration.ofMillis(2), 3), new Words());

    private record Refusal(boolean passing, @Nullable Duration after) implements Tries.Failure {}

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final boolean passing;

        Refused(boolean passing) {
            this.passing = passing;
        }
    }

    private static final class Words implements Tries.Reading<Refusal> {
        @Override
        public Refusal of(RuntimeException e) {
            if (e instanceof Refused refused) {
                return new Refusal(refused.passing, null);
            }
            if (e.getCause() instanceof IOException) {
                return new Refusal(true, null);
            }
            throw e;
        }

        @Override
        public ProblemException problem(String doing, Refusal failure) {
            return new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "cannot " + doing);
        }
    }

    private String failing(int times, RuntimeException failure) {
        return tries.again("ask", stop, () -> {
            if (calls.incrementAndGet() <= times) {
                throw failure;
            }
            return "answer";
        });
    }

    @Test
    void whatPassesIsTriedAgain() {
        assertThat(failing(2, new Refused(true))).isEqualTo("answer");
        assertThat(calls).hasValue(3);
    }

    @Test
    void afterTheLastTryItIsGivenUpInTheProvidersWords() {
        assertThatThrownBy(() -> failing(3, new Refused(true)))
                .isInstanceOf(ProblemException.class)
                .hasMessage("upstream_unavailable: cannot ask");
        assertThat(calls).hasValue(3);
    }

    @Test
    void whatDoesNotPassIsNotTriedAgain() {
        assertThatThrownBy(() -> failing(3, new Refused(false))).hasMessage("upstream_unavailable: cannot ask");
        assertThatThrownBy(() -> failing(3, new IllegalStateException("ours"))).hasMessage("ours");
        assertThat(calls).hasValue(2);
    }

    @Test
    void aProblemThatACallTellsItselfStaysAsItIs() {
        var full = new ProblemException(ErrorCode.DISK_FULL, "no room for a part", new IOException("no space"));
        assertThatThrownBy(() -> failing(1, full)).isSameAs(full);
        assertThatThrownBy(() -> tries.once("ask", stop, refusal -> false, Refusal::passing, () -> {
                    throw full;
                }))
                .isSameAs(full);
        assertThat(calls).hasValue(1);
    }

    @Test
    void aCallThatFailsBecauseItWasStoppedIsStopped() {
        assertThatThrownBy(() -> tries.again("ask", stop, () -> {
                    stop.fire(StopReason.CANCELLED);
                    throw new Refused(true);
                }))
                .isInstanceOf(Stopped.class);
    }

    @Test
    void oneTryTellsHowItEndedAndWaitsOnlyWhenTold() {
        assertThat(tries.once("ask", stop, refusal -> false, Refusal::passing, calls::incrementAndGet))
                .isEqualTo(new Made.Done());
        assertThat(once(true, true)).isEqualTo(new Made.Taken());
        assertThatThrownBy(() -> once(false, false)).hasMessage("upstream_unavailable: cannot ask");
        var unsettled = (Made.Unsettled) once(false, true);
        unsettled.next().accept(2);
        assertThatThrownBy(() -> unsettled.next().accept(3)).hasMessage("upstream_unavailable: cannot ask");
    }

    private Made once(boolean taken, boolean unsettled) {
        return tries.once("ask", stop, refusal -> taken, refusal -> unsettled, () -> {
            throw new Refused(true);
        });
    }
}
