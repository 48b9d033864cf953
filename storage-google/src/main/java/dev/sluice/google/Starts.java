package dev.sluice.google;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Begins sessions. Who is stopped meanwhile leaves at once; the call goes on to its end, so that the session it makes
/// can be taken away. Safe for use by many threads.
final class Starts {
    private static final long PATIENCE_SECONDS = 10;

    private final Place place;
    private final Executor threads;
    /// Sessions of uploads that were stopped before they heard of them, or could not note them.
    private final Map<String, Queue<CompletableFuture<URI>>> unheard = new ConcurrentHashMap<>();

    Starts(Place place, Executor threads) {
        this.place = place;
        this.threads = threads;
    }

    /// As [Place#begin].
    ///
    /// @throws Stopped at once where the token fires
    URI begin(Account by, Place.Start start, StopToken stop) {
        var address = new CompletableFuture<URI>();
        threads.execute(() -> {
            try {
                address.complete(place.begin(by, start, stop));
            } catch (Throwable e) {
                address.completeExceptionally(e);
            }
        });
        try {
            return SharedCall.await(address, stop);
        } catch (Stopped e) {
            unheard(start.upload(), address);
            throw e;
        }
    }

    private void unheard(String upload, CompletableFuture<URI> address) {
        unheard.computeIfAbsent(upload, id -> new ConcurrentLinkedQueue<>()).add(address);
    }

    /// A session whose address could not be noted.
    void unheard(String upload, URI address) {
        unheard(upload, CompletableFuture.completedFuture(address));
    }

    /// Ends the sessions that an upload never heard of, each once its address has come.
    ///
    /// @throws ProblemException where one does not come for long: to be done again
    void endUnheard(String upload, Consumer<URI> end) {
        unheard.getOrDefault(upload, new ConcurrentLinkedQueue<>())
                .forEach(session -> address(session).ifPresent(end));
        unheard.remove(upload);
    }

    private Optional<URI> address(CompletableFuture<URI> session) {
        try {
            return Optional.of(session.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return Optional.empty();
        } catch (TimeoutException e) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    place.calls().where() + " has not said yet where the upload is that was begun there",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "interrupted", e);
        }
    }
}
