package dev.sluice.accounts;

import dev.sluice.core.Outcome;
import dev.sluice.core.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Something of elsewhere that is fetched once it is needed, again when it is old, and again sooner where something is
/// missing in it; by one at a time, and not more often than every [#APART]. While it cannot be fetched the old one
/// serves, for a day. Safe for use by many threads.
final class Fetched<T> {
    static final Duration FRESH = Duration.ofHours(1);
    static final Duration APART = Duration.ofSeconds(10);
    private static final Duration OLDEST = Duration.ofDays(1);
    private static final Logger log = LoggerFactory.getLogger(Fetched.class);

    private final Clock clock;
    private final Supplier<T> source;
    private @Nullable T value;
    private Instant fetched = Instant.MIN;
    private Instant next = Instant.MIN;
    private @Nullable ProblemException failure;
    private @Nullable CompletableFuture<T> underway;

    /// @param source throws [ProblemException] where it cannot be fetched
    Fetched(Clock clock, Supplier<T> source) {
        this.clock = clock;
        this.source = source;
    }

    /// @throws ProblemException where it cannot be fetched, and never was, or too long ago
    T value() {
        T known = since(clock.instant().minus(FRESH));
        if (known != null) {
            return known;
        }
        try {
            Optional<T> fresh = fetch();
            if (fresh.isPresent()) {
                return fresh.get();
            }
        } catch (ProblemException e) {
            log.warn("an issuer does not answer: {}", e.getMessage());
        }
        T old = since(clock.instant().minus(OLDEST));
        if (old != null) {
            return old;
        }
        throw failed();
    }

    private synchronized @Nullable T since(Instant time) {
        return fetched.isBefore(time) ? null : value;
    }

    private synchronized ProblemException failed() {
        return failure == null ? new ProblemException(IssuerCalls.away("it was not asked"), null) : failure;
    }

    /// A newer one; nothing where the last was fetched just now.
    ///
    /// @throws ProblemException where it cannot be fetched
    Optional<T> fetch() {
        CompletableFuture<T> own = null;
        CompletableFuture<T> awaited;
        synchronized (this) {
            awaited = underway;
            if (awaited == null) {
                Instant now = clock.instant();
                if (now.isBefore(next)) {
                    return Optional.empty();
                }
                next = now.plus(APART);
                own = new CompletableFuture<>();
                awaited = own;
                underway = own;
            }
        }
        if (own != null) {
            run(own);
        }
        return Optional.of(Outcome.of(awaited));
    }

    private void run(CompletableFuture<T> answer) {
        try {
            T fresh = source.get();
            synchronized (this) {
                value = fresh;
                fetched = clock.instant();
                underway = null;
            }
            answer.complete(fresh);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                failure = e instanceof ProblemException problem ? problem : failure;
                underway = null;
            }
            answer.completeExceptionally(e);
        }
    }
}
