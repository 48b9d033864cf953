package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Who fails to log in again and again waits longer each time, by account and by address. An account that there is not
/// is no exception. Who has logged in from an address lately is not kept out of it by others who try elsewhere. Safe
/// for use by many threads.
final class Attempts {
    private static final int MOST = 20_000;
    private static final int FREE_OF_ADDRESS = 20;
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration FORGOTTEN = Duration.ofMinutes(15);
    private static final int DOUBLINGS = 9;

    private final Clock clock;
    private final int free;
    private final Map<String, Failures> failures = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > MOST;
        }
    };
    private final Set<String> athome = ConcurrentHashMap.newKeySet();

    private record Failures(int count, Instant last, Instant until) {}

    /// @param free failures before an account's next login has to wait
    Attempts(Clock clock, int free) {
        this.clock = clock;
        this.free = free;
    }

    /// @throws ProblemException `limit_exceeded` where it is too early
    void require(String account, String address) {
        Instant now = clock.instant();
        Instant until = later(until("address " + address), until(ofAccount(account, address)));
        if (now.isBefore(until)) {
            long seconds = Duration.between(now, until).toSeconds() + 1;
            throw new ProblemException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "too many logins have failed; try again in " + seconds + " s",
                    Map.of(Problem.RETRY_AFTER, seconds));
        }
    }

    void failed(String account, String address) {
        count("address " + address, FREE_OF_ADDRESS);
        count(ofAccount(account, address), free);
    }

    void succeeded(String account, String address) {
        if (athome.size() < MOST) {
            athome.add(account + " " + address);
        }
        synchronized (failures) {
            failures.remove(ofAccount(account, address));
        }
    }

    private String ofAccount(String account, String address) {
        String home = account + " " + address;
        return athome.contains(home) ? "home " + home : "account " + account;
    }

    private Instant until(String key) {
        synchronized (failures) {
            Failures known = failures.get(key);
            return known == null ? Instant.MIN : known.until();
        }
    }

    private void count(String key, int free) {
        Instant now = clock.instant();
        synchronized (failures) {
            failures.compute(key, (same, known) -> {
                int count = known == null || known.last().plus(FORGOTTEN).isBefore(now) ? 1 : known.count() + 1;
                int over = Math.min(count - free, DOUBLINGS);
                Duration wait = over < 0 ? Duration.ZERO : Duration.ofSeconds(1L << over);
                return new Failures(count, now, now.plus(wait.compareTo(LONGEST) > 0 ? LONGEST : wait));
            });
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
