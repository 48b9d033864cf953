package dev.sluice.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// What comes of work on other threads.
public final class Outcome {
    private Outcome() {}

    /// Waits for it.
    ///
    /// @throws RuntimeException what the work has thrown, as it was thrown; so an [Error]
    public static <T extends @Nullable Object> T of(CompletableFuture<T> work) {
        try {
            return work.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException thrown ? thrown : e;
        }
    }
}
