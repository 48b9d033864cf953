package dev.sluice.download;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Calls that wait for a server, made on a thread of their own while this one looks that they do not wait for too long.
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
        try {
            while (true) {
                try {
                    return done.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    lines.cutSilent();
                } catch (InterruptedException e) {
                    interrupted = true;
                    lines.end("interrupted");
                }
            }
        } catch (ExecutionException e) {
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
}
