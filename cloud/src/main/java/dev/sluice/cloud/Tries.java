package dev.sluice.cloud;

import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How calls to one provider are tried: again and again where that may help, with waits in between, until they go
/// through, cannot, or are stopped. What is given up is told in the provider's words. Safe for use by many threads.
///
/// @param <F> what the provider's failures are read as
public final class Tries<F extends Tries.Failure> {
    private final BackOff backOff;
    private final Reading<F> reading;

    /// One failure of a call.
    public interface Failure {
        /// Whether the same may go through when it is tried again soon.
        boolean passing();

        /// How long the provider asks to wait, or null.
        @Nullable
        Duration after();
    }

    /// What the failures of one provider mean.
    public interface Reading<F extends Failure> {
        /// Throws `e` again where it is none of the provider's.
        F of(RuntimeException e);

        /// @param doing what failed: `send a part of a.bin`
        ProblemException problem(String doing, F failure);
    }

    public Tries(BackOff backOff, Reading<F> reading) {
        this.backOff = backOff;
        this.reading = reading;
    }

    /// Tries until it goes through or cannot: for what does no harm when it is done twice.
    ///
    /// @param doing for people: `send a part of a.bin`
    /// @throws ProblemException once trying is over; one of the call's own ends it at once
    public <T> T again(String doing, StopToken stop, Supplier<T> call) {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (Stopped | ProblemException e) {
                throw e;
            } catch (RuntimeException e) {
                stop.check();
                settleFor(doing, attempt, reading.of(e), stop);
            }
        }
    }

    /// One try to make an object visible.
    ///
    /// @param taken whether a failure says that something stands there already
    /// @param unsettled whether it leaves open what became of the try, or it can be tried again
    /// @throws ProblemException where it cannot be made; one of the call's own as it is
    public Made once(String doing, StopToken stop, Predicate<F> taken, Predicate<F> unsettled, Runnable call) {
        try {
            call.run();
            return new Made.Done();
        } catch (Stopped | ProblemException e) {
            throw e;
        } catch (RuntimeException e) {
            stop.check();
            F failure = reading.of(e);
            if (taken.test(failure)) {
                return new Made.Taken();
            }
            if (unsettled.test(failure)) {
                return new Made.Unsettled(attempt -> settleFor(doing, attempt, failure, stop));
            }
            throw reading.problem(doing, failure);
        }
    }

    /// Waits before the next try, or gives up.
    private void settleFor(String doing, int attempt, F failure, StopToken stop) {
        if (attempt >= backOff.tries() || !failure.passing()) {
            throw reading.problem(doing, failure);
        }
        backOff.await(attempt, failure.after(), stop);
    }
}
