package dev.sluice.google;

import dev.sluice.core.StopToken;
import java.time.Clock;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What one account has sent in the last 24 hours. Google's page says that an account may send 750 GB a day and
/// that this ends "within 24 hours", but not when its day begins: any 24 hours hold every day.
///
/// Bytes are counted in the database before they are sent, many at a time: a process that dies has counted at the most
/// [#STEP] too much, never too little. Whole hours are counted, the oldest until all of it is a day ago. Safe for use
/// by many threads.
final class DailyBytes {
    static final long LIMIT = 750_000_000_000L;
    static final long STEP = 64 << 20;
    private static final int HOURS = 24;

    private final String account;
    private final AccountRows rows;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final SharedCall<Boolean> counting = new SharedCall<>();
    private volatile SortedMap<Long, Long> counted = new TreeMap<>();
    /// Counted in this hour, and not sent yet.
    private long ahead;

    private long hour;

    DailyBytes(String account, AccountRows rows, Clock clock) {
        this.account = account;
        this.rows = rows;
        this.clock = clock;
    }

    /// The first hour of which anything is less than a day ago.
    static long oldest(Clock clock) {
        return hour(clock) - HOURS;
    }

    private static long hour(Clock clock) {
        return TimeUnit.SECONDS.toHours(clock.instant().getEpochSecond());
    }

    /// What the database has, of all nodes.
    void know(@Nullable SortedMap<Long, Long> sent) {
        counted = sent == null ? new TreeMap<>() : sent;
    }

    /// So many bytes are about to be sent.
    ///
    /// @throws dev.sluice.core.ProblemException `state_unavailable` where they cannot be counted
    void take(long bytes) {
        while (!taken(bytes)) {
            counting.join(() -> count(bytes), new StopToken());
        }
    }

    private boolean taken(long bytes) {
        lock.lock();
        try {
            if (hour != hour(clock) || ahead < bytes) {
                return false;
            }
            ahead -= bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private Boolean count(long bytes) {
        long now = hour(clock);
        long more = Math.max(STEP, bytes);
        // What was counted ahead in an hour that is over stays counted there.
        rows.count(account, now, more, now - HOURS);
        lock.lock();
        try {
            var next = new TreeMap<>(counted);
            next.merge(now, more, Long::sum);
            counted = next;
            ahead = hour == now ? ahead + more : more;
            hour = now;
            return true;
        } finally {
            lock.unlock();
        }
    }

    long used() {
        return Math.max(0, used(oldest(clock)) - unsent());
    }

    private long used(long from) {
        return counted.tailMap(from).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private long unsent() {
        lock.lock();
        try {
            return hour == hour(clock) ? ahead : 0;
        } finally {
            lock.unlock();
        }
    }

    /// When less than the limit will have been sent in a day.
    Instant free() {
        long from = oldest(clock);
        while (used(from) >= LIMIT) {
            from++;
        }
        return Instant.ofEpochSecond(TimeUnit.HOURS.toSeconds(from + HOURS));
    }

    /// What was counted ahead is not sent any more.
    void settle() {
        long left = unsent();
        if (left > 0) {
            rows.count(account, hour(clock), -left, oldest(clock));
            lock.lock();
            try {
                ahead = 0;
            } finally {
                lock.unlock();
            }
        }
    }
}
