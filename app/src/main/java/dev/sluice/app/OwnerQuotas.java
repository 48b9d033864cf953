package dev.sluice.app;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobStore;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Quotas;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How much of each owner may be under way, and begun in a day. What there is, is read at most once a second for each,
/// and what is taken meanwhile added: ended jobs make room within that second, and on several nodes an owner may have
/// what a second brings beyond the limits. Whoever owns this machine is not limited.
final class OwnerQuotas implements Quotas {
    private static final Duration FRESH = Duration.ofSeconds(1);
    /// When some of what is under way may have ended.
    private static final Duration A_WHILE = Duration.ofSeconds(10);

    private final JobStore jobs;
    private final Settings.Limits limits;
    private final Clock clock;
    private final Map<Owner, Known> known = new HashMap<>();

    private record Known(Instant at, JobStore.Use use) {}

    OwnerQuotas(JobStore jobs, Settings.Limits limits, Clock clock) {
        this.jobs = jobs;
        this.limits = limits;
        this.clock = clock;
    }

    @Override
    public void take(Owner owner, List<NewJob> begun) {
        if (owner.equals(Owner.LOCAL) || begun.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Known last = recent(owner, now);
        if (last == null) {
            // Not under the lock: the database may take its time.
            last = new Known(now, jobs.use(owner, midnight(now)));
        }
        long bytes = begun.stream()
                .map(NewJob::totalBytes)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
        synchronized (known) {
            Known newest = known.get(owner);
            JobStore.Use use = (newest != null && newest.at().isAfter(last.at()) ? newest : last)
                    .use()
                    .plus(begun.size(), bytes);
            require(use, now);
            known.put(owner, new Known(last.at(), use));
        }
    }

    private @Nullable Known recent(Owner owner, Instant now) {
        Instant since = now.minus(FRESH);
        synchronized (known) {
            known.values().removeIf(one -> one.at().isBefore(since));
            return known.get(owner);
        }
    }

    private void require(JobStore.Use use, Instant now) {
        Duration today = Duration.between(now, midnight(now).plus(Duration.ofDays(1)));
        require(use.open(), limits.openJobs(), "limits.open-jobs", "jobs that have not ended", A_WHILE);
        require(use.openBytes(), limits.openBytes().bytes(), "limits.open-bytes", "bytes that are under way", A_WHILE);
        require(use.begun(), limits.jobsPerDay(), "limits.jobs-per-day", "jobs today", today);
        require(use.begunBytes(), limits.bytesPerDay().bytes(), "limits.bytes-per-day", "bytes today", today);
    }

    private static void require(long would, long most, String key, String what, Duration wait) {
        if (would > most) {
            throw new ProblemException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "you would have " + would + " " + what + ", and " + most + " are the most (" + key + ")",
                    Map.of("limit", key, "most", most, Problem.RETRY_AFTER, Math.max(1, wait.toSeconds())));
        }
    }

    private static Instant midnight(Instant now) {
        return LocalDate.ofInstant(now, ZoneOffset.UTC)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }
}
