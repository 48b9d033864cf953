package dev.sluice.wire;

import dev.sluice.core.CancelReceipt;
import dev.sluice.core.Insight;
import dev.sluice.core.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the jobs that ended since then tell together.
///
/// @param days in UTC, the oldest first; those on which nothing ended are left out
/// @param failures the most frequent first
/// @param cancels absent where nothing was cancelled
public record InsightDocument(
        Instant since,
        List<Day> days,
        List<Kind> kinds,
        List<Failure> failures,
        @Nullable Cancels cancels) {

    /// How many jobs ended in which way.
    public record Ended(long completed, long failed, long cancelled) {}

    public record Day(String date, Ended jobs, long bytes) {}

    /// @param rate bytes a second of completed jobs while they ran; absent where they took no time
    public record Kind(
            String kind, Ended jobs, long bytes, @Nullable Long rate) {}

    public record Failure(String kind, String code, long jobs) {}

    /// Milliseconds from a request's arrival to its decision, of the newest cancels.
    ///
    /// @param lastByteP95 the same to the last byte that was handed on; absent where none was moving
    public record Cancels(
            long jobs,
            double p50,
            double p95,
            double p99,
            double most,
            @Nullable Double lastByteP95) {}

    public static InsightDocument of(Instant since, Insight insight) {
        return new InsightDocument(
                since,
                grouped(insight.days(), day -> day.date().toString()).entrySet().stream()
                        .map(day -> new Day(day.getKey(), ended(day.getValue()), stored(day.getValue())))
                        .toList(),
                grouped(insight.days(), day -> day.kind().value()).entrySet().stream()
                        .map(kind -> new Kind(
                                kind.getKey(), ended(kind.getValue()), stored(kind.getValue()), rate(kind.getValue())))
                        .toList(),
                insight.failures().stream()
                        .map(failure -> new Failure(
                                failure.kind().value(), failure.code().code(), failure.jobs()))
                        .toList(),
                insight.cancels().isEmpty() ? null : cancels(insight.cancels()));
    }

    private static Map<String, List<Insight.Day>> grouped(List<Insight.Day> days, Function<Insight.Day, String> by) {
        return days.stream().collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
    }

    private static Ended ended(List<Insight.Day> days) {
        return new Ended(jobs(days, JobState.COMPLETED), jobs(days, JobState.FAILED), jobs(days, JobState.CANCELLED));
    }

    private static long jobs(List<Insight.Day> days, JobState state) {
        return days.stream()
                .filter(day -> day.state() == state)
                .mapToLong(Insight.Day::jobs)
                .sum();
    }

    private static long stored(List<Insight.Day> days) {
        return days.stream()
                .filter(day -> day.state() == JobState.COMPLETED)
                .mapToLong(Insight.Day::bytes)
                .sum();
    }

    private static @Nullable Long rate(List<Insight.Day> days) {
        Duration busy = days.stream()
                .filter(day -> day.state() == JobState.COMPLETED)
                .map(Insight.Day::busy)
                .reduce(Duration.ZERO, Duration::plus);
        return busy.toMillis() == 0 ? null : (Long) (1000 * stored(days) / busy.toMillis());
    }

    private static Cancels cancels(List<CancelReceipt> receipts) {
        double[] decided = receipts.stream()
                .mapToDouble(CancelReceipt::requestMillis)
                .sorted()
                .toArray();
        double[] lastByte = receipts.stream()
                .map(CancelReceipt::lastByteMillis)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        return new Cancels(
                decided.length,
                quantile(decided, 0.50),
                quantile(decided, 0.95),
                quantile(decided, 0.99),
                decided[decided.length - 1],
                lastByte.length == 0 ? null : (Double) quantile(lastByte, 0.95));
    }

    private static double quantile(double[] sorted, double share) {
        return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))];
    }
}
