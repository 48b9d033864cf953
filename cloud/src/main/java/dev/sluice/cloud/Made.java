package dev.sluice.cloud;

import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// How one try to make an object visible ended, by the word of the provider: what became of it shows only what stands
/// there afterwards.
public sealed interface Made {
    record Done() implements Made {}

    /// Something stands there, which may be what an earlier try made.
    record Taken() implements Made {}

    /// What became of it is not known, or it can be tried again.
    ///
    /// @param next is told how many tries there were: it waits before the next one, or throws what is to be told
    record Unsettled(IntConsumer next) implements Made {}

    /// Tries until the object stands there or cannot: after each try the provider is asked what is there.
    ///
    /// @param own what stands there, if it is this upload's
    /// @throws Commit.TargetTaken where something else stands there
    /// @throws ProblemException `upstream_…` where it cannot
    static <T> T settled(String key, Supplier<Made> once, Supplier<Optional<T>> own) throws Commit.TargetTaken {
        for (int attempt = 1; ; attempt++) {
            Made made = once.get();
            Optional<T> there = own.get();
            if (there.isPresent()) {
                return there.get();
            }
            switch (made) {
                case Done done ->
                    throw new ProblemException(
                            ErrorCode.UPSTREAM_UNAVAILABLE,
                            "the service has stored " + key + " by its own account, and does not have it");
                case Taken taken -> throw new Commit.TargetTaken(key, null);
                case Unsettled unsettled -> unsettled.next().accept(attempt);
            }
        }
    }
}
