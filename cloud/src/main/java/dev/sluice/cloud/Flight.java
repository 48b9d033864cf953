package dev.sluice.cloud;

import dev.sluice.core.Outcome;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// A part on its way to the provider. Its memory is given back before its word is there.
///
/// @param word the provider's, once it has landed; or why it has not
record Flight(Parts.Part part, CompletableFuture<String> word) {
    Flight(Parts.Part part) {
        this(part, new CompletableFuture<>());
    }

    /// @param cut cuts it off
    void fly(Executor threads, Parts.Carrier carrier, StopToken cut) {
        try {
            threads.execute(() -> send(carrier, cut));
        } catch (RejectedExecutionException e) {
            part.memory().release();
            word.completeExceptionally(new Stopped(StopReason.DRAINING));
        }
    }

    private void send(Parts.Carrier carrier, StopToken cut) {
        String said = null;
        Throwable failure = null;
        try {
            said = carrier.send(part, cut);
        } catch (Throwable e) {
            failure = e;
        }
        try {
            part.memory().release();
        } finally {
            if (failure == null) {
                word.complete(said);
            } else {
                word.completeExceptionally(failure);
            }
        }
    }

    /// The provider's word, as soon as it is there.
    String landed() {
        return Outcome.of(word);
    }
}
