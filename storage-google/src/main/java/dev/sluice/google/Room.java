package dev.sluice.google;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How much one account still has room for: what Google said last, less what was sent since, less what uploads under
/// way will still send. Used under the lock of its pool.
final class Room {
    static final long ENDLESS = Long.MAX_VALUE;
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final Duration RETRY = Duration.ofSeconds(30);

    private final Map<String, Share> shares = new HashMap<>();
    /// Null where it never was told.
    private @Nullable Long told;

    private Instant again = Instant.MIN;
    /// Sent since then; also before then, where Google does not show it yet.
    private long sent;

    /// What an upload takes.
    private static final class Share {
        long left;
        long sent;

        Share(long left) {
            this.left = left;
        }
    }

    /// Whether Google is to be asked.
    boolean isStale(Instant now) {
        return !now.isBefore(again);
    }

    /// @param free as Google says, or [#ENDLESS]; what is not complete yet it does not count
    void told(long free, Instant now) {
        told = free;
        again = now.plus(FRESH);
        sent = shares.values().stream().mapToLong(share -> share.sent).sum();
    }

    void untold(Instant now) {
        again = now.plus(RETRY);
    }

    /// The account is another one now, as it were.
    void forget() {
        told = null;
        again = Instant.MIN;
    }

    /// @return null where it is not known
    @Nullable
    Long free() {
        Long known = told;
        return known == null || known == ENDLESS ? known : (Long) Math.max(0, known - sent - reserved());
    }

    long reserved() {
        return shares.values().stream().mapToLong(share -> share.left).sum();
    }

    void reserve(String upload, long bytes) {
        shares.put(upload, new Share(bytes));
    }

    void release(String upload) {
        shares.remove(upload);
    }

    void sent(@Nullable String upload, long bytes) {
        sent += bytes;
        Share share = upload == null ? null : shares.get(upload);
        if (share != null) {
            share.left = Math.max(0, share.left - bytes);
            share.sent += bytes;
        }
    }
}
