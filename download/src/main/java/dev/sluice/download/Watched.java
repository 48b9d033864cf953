package dev.sluice.download;

import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Calls that wait for a server, made on a thread of their own while this one looks that they do not wait for too long,
/// neither for a byte nor for the next of few.
///
/// @param lines that the call may open
record Watched(Lines lines) {
    private static final long LOOK_MILLIS = 100;

    /// A call to a server.
    @FunctionalInterface
    interface Call<T> {
        T call() throws IOException;
    }

    /// @throws IOException what the call has thrown; so others
    /// @throws ProblemException `upstream_unavailable` where the server sends too slowly
    <T> T call(Call<T> call) throws IOException {
        var done = new CompletableFuture<T>();
        Thread.ofVirtual().name("probe").start(() -> {
            try {
                done.complete(call.call());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        boolean interrupted = false;
        var rates = new HashMap<Line, LeastRate>();
        ProblemException slow = null;
        try {
            while (true) {
                try {
                    return done.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    lines.cutSilent();
                    slow = slow == null ? endIfSlow(rates) : slow;
                } catch (InterruptedException e) {
                    interrupted = true;
                    lines.end("interrupted");
                }
            }
        } catch (ExecutionException e) {
            if (slow != null) {
                throw slow;
            }
            Throwable cause = e.getCause();
            switch (cause == null ? e : cause) {
                case IOException broken -> throw broken;
                case RuntimeException thrown -> throw thrown;
                case Error error -> throw error;
                default -> throw new CompletionException(e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private @Nullable ProblemException endIfSlow(Map<Line, LeastRate> rates) {
        for (Line line : lines.used()) {
            long waited = line.waitedNanos();
            Optional<ProblemException> missed = rates.computeIfAbsent(
                            line,
                            some -> new LeastRate(
                                    lines.patience(), line.target().host(), waited, line.bytes()))
                    .missed(waited, line.bytes());
            if (missed.isPresent()) {
                lines.end(missed.get().problem().message());
                return missed.get();
            }
        }
        return null;
    }
}
