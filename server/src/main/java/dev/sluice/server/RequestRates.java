package dev.sluice.server;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/// How many requests each client may still make: a bucket for each that fills up again in [#WINDOW]. What is left
/// is told in the fields of draft-ietf-httpapi-ratelimit-headers-11. Safe for use by many threads.
final class RequestRates {
    static final Duration WINDOW = Duration.ofSeconds(10);

    private static final String POLICY = "\"requests\"";

    private final int most;
    private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final AtomicLong nextSweep = new AtomicLong(System.nanoTime());

    RequestRates(int most) {
        this.most = most;
    }

    /// Counts a request.
    ///
    /// @param headers where what is left is told; null: it is not
    /// @return how long to wait until one would be let in; zero where this one is
    Duration take(String client, HttpFields.@Nullable Mutable headers) {
        sweep();
        ConsumptionProbe probe =
                buckets.computeIfAbsent(client, fresh -> bucket()).tryConsumeAndReturnRemaining(1);
        if (headers != null) {
            long full = Math.ceilDiv(probe.getNanosToWaitForReset(), TimeUnit.SECONDS.toNanos(1));
            headers.put("RateLimit-Policy", POLICY + ";q=" + most + ";w=" + WINDOW.toSeconds());
            headers.put("RateLimit", POLICY + ";r=" + probe.getRemainingTokens() + ";t=" + full);
        }
        return probe.isConsumed() ? Duration.ZERO : Duration.ofNanos(Math.max(1, probe.getNanosToWaitForRefill()));
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(most).refillGreedy(most, WINDOW))
                .build();
    }

    /// Forgets those whose bucket is full again: a new one is the same.
    private void sweep() {
        long now = System.nanoTime();
        long due = nextSweep.get();
        if (now - due > 0 && nextSweep.compareAndSet(due, now + WINDOW.toNanos())) {
            buckets.values().removeIf(bucket -> bucket.getAvailableTokens() >= most);
        }
    }
}
