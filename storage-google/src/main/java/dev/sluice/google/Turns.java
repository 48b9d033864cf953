package dev.sluice.google;

import dev.sluice.core.StopToken;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Lets parts go one after the other, each where the one before it ends. Safe for use by many threads.
final class Turns {
    private final Map<Long, CompletableFuture<Long>> ends = new ConcurrentHashMap<>();

    /// @param begin where the first one begins
    Turns(long begin) {
        pass(begin);
    }

    private CompletableFuture<Long> end(long at) {
        return ends.computeIfAbsent(at, first -> new CompletableFuture<>());
    }

    /// Waits until everything before `begin` has gone.
    ///
    /// @throws RuntimeException as the one before failed
    void await(long begin, StopToken cut) {
        var unused = SharedCall.await(end(begin), cut);
        ends.remove(begin);
    }

    void pass(long end) {
        end(end).complete(end);
    }

    void fail(long end, Throwable why) {
        end(end).completeExceptionally(why);
    }
}
