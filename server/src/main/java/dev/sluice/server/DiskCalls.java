package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Outcome;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Runs what routes read from disks, plans and journals, on a few platform threads: on the requests' virtual threads
/// it would hold up all others.
final class DiskCalls implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int WAITING = 64;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("plan-", 1).factory());

    private final Set<StopToken> tokens = ConcurrentHashMap.newKeySet();

    DiskCalls() {
        threads.allowCoreThreadTimeOut(true);
    }

    /// Waits for what the call returns or throws.
    ///
    /// @throws ProblemException `out_of_slots` where too many wait already
    <T> T call(Supplier<T> call) {
        try {
            return Outcome.of(CompletableFuture.supplyAsync(call, threads));
        } catch (RejectedExecutionException e) {
            throw new ProblemException(
                    ErrorCode.OUT_OF_SLOTS, "too many plans and reports are being made; try again in a moment", e);
        }
    }

    /// The same for a call that the token stops, which also fires when the node goes down.
    <T> T call(StopToken stop, Supplier<T> call) {
        tokens.add(stop);
        try {
            return call(call);
        } finally {
            tokens.remove(stop);
        }
    }

    @Override
    public void close() {
        tokens.forEach(stop -> stop.fire(StopReason.DRAINING));
        threads.shutdown();
    }
}
