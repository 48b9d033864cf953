package dev.sluice.state;

import dev.sluice.core.CancelReceipt;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Insight;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/// Sums over jobs that ended.
///
/// Each sum is over one range of the index `jobs_insight`. Grouped, the same rows would be sorted first, which takes
/// SQLite five times as long; so would be telling the kinds apart by looking at all jobs.
final class SqlInsight {
    private static final String KINDS = """
            WITH RECURSIVE kinds(kind) AS (
              SELECT MIN(kind) FROM jobs
              UNION ALL SELECT (SELECT MIN(kind) FROM jobs WHERE kind > kinds.kind) FROM kinds WHERE kind IS NOT NULL
            ) SELECT kind FROM kinds WHERE kind IS NOT NULL
            """;
    /// The condition of the index `jobs_insight` in its own words, by which SQLite knows it.
    private static final String ENDED = "state IN ('completed', 'failed', 'cancelled')";

    private static final List<JobState> FINAL = List.of(JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED);

    private final Database database;
    private final Clock clock;

    SqlInsight(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// @param owner whose jobs count; null: all
    Insight since(Instant since, @Nullable Owner owner) {
        return database.read(handle -> {
            List<Kind> kinds =
                    handle.createQuery(KINDS).mapTo(String.class).map(Kind::new).list();
            var days = new ArrayList<Insight.Day>();
            var failures = new ArrayList<Insight.Failures>();
            var cancels = new ArrayList<CancelReceipt>();
            for (Kind kind : kinds) {
                for (JobState state : FINAL) {
                    days.addAll(days(handle, new Range(kind, state, since, owner)));
                }
                failures.addAll(failures(handle, new Range(kind, JobState.FAILED, since, owner)));
                cancels.addAll(cancels(handle, new Range(kind, JobState.CANCELLED, since, owner)));
            }
            days.sort(Comparator.comparing(Insight.Day::date));
            failures.sort(Comparator.comparingLong(Insight.Failures::jobs).reversed());
            return new Insight(days, failures, cancels);
        });
    }

    /// Jobs of one kind that ended in one way.
    private record Range(
            Kind kind,
            JobState state,
            Instant since,
            @Nullable Owner owner) {
        /// The state stands in the text: how many are in it differs so much that a plan for any of them is a bad one.
        String condition() {
            return "%s AND state = '%s' AND kind = :kind AND ended >= :since%s"
                    .formatted(ENDED, Rows.word(state), owner == null ? "" : " AND owner = :owner");
        }

        Query query(Handle handle, String sql) {
            Query query = handle.createQuery(sql).bind("kind", kind.value()).bind("since", Times.micros(since));
            return owner == null ? query : query.bind("owner", owner.name());
        }
    }

    private List<Insight.Day> days(Handle handle, Range range) {
        return range.query(handle, """
                        WITH RECURSIVE days(day) AS (SELECT :first UNION ALL SELECT day + 1 FROM days WHERE day < :last)
                        SELECT day, (
                          SELECT COUNT(*) || ' ' || COALESCE(SUM(bytes), 0) || ' ' || COALESCE(SUM(ended - started), 0)
                          FROM jobs WHERE %s AND ended >= days.day * 86400000000 AND ended < (days.day + 1) * 86400000000
                        ) AS sums FROM days
                        """.formatted(range.condition()))
                .bind("first", day(range.since()))
                .bind("last", day(clock.instant()))
                .map((row, context) -> day(LocalDate.ofEpochDay(row.getLong("day")), range, row.getString("sums")))
                .filter(day -> day.jobs() > 0)
                .list();
    }

    private static long day(Instant at) {
        return LocalDate.ofInstant(at, ZoneOffset.UTC).toEpochDay();
    }

    private static Insight.Day day(LocalDate date, Range range, String sums) {
        String[] words = sums.split(" ");
        return new Insight.Day(
                date,
                range.kind(),
                range.state(),
                Long.parseLong(words[0]),
                Long.parseLong(words[1]),
                Duration.of(Long.parseLong(words[2]), ChronoUnit.MICROS));
    }

    private static List<Insight.Failures> failures(Handle handle, Range range) {
        Map<ErrorCode, Long> counted = new TreeMap<>();
        newest(handle, range, "error", Problem.class).forEach(problem -> counted.merge(problem.code(), 1L, Long::sum));
        return counted.entrySet().stream()
                .map(code -> new Insight.Failures(range.kind(), code.getKey(), code.getValue()))
                .toList();
    }

    private static List<CancelReceipt> cancels(Handle handle, Range range) {
        return newest(handle, range, "receipt", CancelReceipt.class);
    }

    private static <T> List<T> newest(Handle handle, Range range, String column, Class<T> type) {
        return range.query(handle, """
                        SELECT %1$s FROM jobs
                        WHERE %2$s AND %1$s IS NOT NULL ORDER BY ended DESC LIMIT 200
                        """.formatted(column, range.condition()))
                .mapTo(String.class)
                .map(text -> Json.read(text, type))
                .list();
    }
}
