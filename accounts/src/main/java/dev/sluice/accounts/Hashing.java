package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Outcome;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One hash of a password at a time, and after each as long a rest as it took: half a core at the most, whoever logs
/// in. A few may wait; who comes then is sent away.
final class Hashing implements AutoCloseable {
    private static final int WAITING = 16;
    private static final int RETRY_SECONDS = 2;

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("passwords").factory());

    Hashing() {
        thread.allowCoreThreadTimeOut(true);
    }

    /// @throws ProblemException `limit_exceeded` where too many wait already
    <T> T run(Supplier<T> hash) {
        var answer = new CompletableFuture<T>();
        try {
            thread.execute(() -> {
                long began = System.nanoTime();
                try {
                    answer.complete(hash.get());
                } catch (RuntimeException | Error e) {
                    answer.completeExceptionally(e);
                }
                rest(System.nanoTime() - began);
            });
        } catch (RejectedExecutionException e) {
            throw new ProblemException(
                    new Problem(
                            ErrorCode.LIMIT_EXCEEDED,
                            "too many are logging in just now; try again in a moment",
                            Map.of(Problem.RETRY_AFTER, RETRY_SECONDS)),
                    e);
        }
        return Outcome.of(answer);
    }

    private static void rest(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
