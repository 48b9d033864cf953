package dev.sluice.google;

import dev.sluice.core.Outcome;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A call that many may need at a time and one makes for all of them. Safe for use by many threads; nobody holds a
/// lock meanwhile.
final class SharedCall<T> {
    private final AtomicReference<@Nullable CompletableFuture<T>> current = new AtomicReference<>();

    /// Makes the call, or waits for who is making it: then its result is theirs, and so is its failure, unless they
    /// were only stopped.
    ///
    /// @throws Stopped where this caller's token has fired
    T join(Supplier<T> call, StopToken stop) {
        while (true) {
            stop.check();
            var mine = new CompletableFuture<T>();
            CompletableFuture<T> other = current.compareAndExchange(null, mine);
            if (other == null) {
                return make(call, mine);
            }
            try {
                return await(other, stop);
            } catch (Stopped e) {
                stop.check();
            }
        }
    }

    private T make(Supplier<T> call, CompletableFuture<T> mine) {
        try {
            T made = call.get();
            mine.complete(made);
            return made;
        } catch (Throwable e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            current.set(null);
        }
    }

    /// What somebody else makes.
    ///
    /// @throws RuntimeException as theirs failed; [Stopped] where this token has fired
    static <T> T await(CompletableFuture<T> other, StopToken stop) {
        var first = new CompletableFuture<T>();
        var unused = other.whenComplete((made, failure) -> {
            if (failure == null) {
                first.complete(made);
            } else {
                first.completeExceptionally(failure);
            }
        });
        StopToken.Registration closer = stop.onStop(reason -> first.completeExceptionally(new Stopped(reason)));
        try {
            return Outcome.of(first);
        } finally {
            closer.close();
        }
    }
}
