package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Change.Column;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Insight;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.Problem;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import dev.sluice.db.Unit;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What is told of the jobs that ended, on either database.
abstract class InsightContract extends StateContract {
    private static final Duration ONE_DAY = Duration.ofDays(1);
    private static final int MANY = 100_000;

    InsightContract(Ground ground) {
        super(ground);
    }

    @Test
    void endedJobsAreSummedByDayKindAndState() {
        end(JobState.COMPLETED, NOW.plusSeconds(4));
        end(JobState.COMPLETED, NOW.plusSeconds(6));
        end(JobState.COMPLETED, NOW.plus(ONE_DAY));
        assertThat(running().state()).isEqualTo(JobState.RUNNING);
        clock.set(NOW.plus(ONE_DAY));
        assertThat(state.insight(NOW, null).days())
                .containsExactly(
                        day("2026-11-01", DOWNLOAD, JobState.COMPLETED, 2, Duration.ofSeconds(10)),
                        day("2026-11-02", DOWNLOAD, JobState.COMPLETED, 1, ONE_DAY));
        assertThat(state.insight(NOW.plusSeconds(5), ANNA).days())
                .extracting(Insight.Day::jobs)
                .containsExactly(1L, 1L);
        assertThat(state.insight(NOW, BERT).days()).isEmpty();
    }

    @Test
    void failuresAreCountedByCodeTheMostFrequentFirst() {
        fail(ErrorCode.DISK_FULL);
        fail(ErrorCode.UPSTREAM_THROTTLED);
        fail(ErrorCode.UPSTREAM_THROTTLED);
        assertThat(state.insight(NOW, null).failures())
                .containsExactly(
                        new Insight.Failures(DOWNLOAD, ErrorCode.UPSTREAM_THROTTLED, 2),
                        new Insight.Failures(DOWNLOAD, ErrorCode.DISK_FULL, 1));
    }

    @Test
    void cancelsComeWithTheirReceipts() {
        Job job = running();
        var receipt = new CancelReceipt(
                job.id(), true, NOW, 2.5, 3.5, 0, CancelReceipt.Cleanup.DONE, CancelSource.HTTP_ENDPOINT);
        changed(Change.of(job.id(), NOW, JobState.RUNNING)
                .to(JobState.CANCELLED)
                .set(Column.ENDED, NOW)
                .set(Column.RECEIPT, receipt));
        assertThat(state.insight(NOW, null).cancels()).containsExactly(receipt);
    }

    @Test
    void aHundredThousandJobsAreSummedIn50Milliseconds() {
        try (Database database = database()) {
            database.write((Unit<Integer>) transaction -> transaction
                    .handle()
                    .createUpdate("""
                            INSERT INTO jobs (id, kind, name, sought, owner, state, stages, spec, facts, bytes, attempt,
                                              fence, patience_millis, error, created, started, ended, seq)
                            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
                            SELECT 'job-' || n, CASE n % 3 WHEN 0 THEN 'upload' WHEN 1 THEN 'download' ELSE 'import' END,
                                   'name', 'name', 'anna', CASE n % 50 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled'
                                   ELSE 'completed' END, '[]', :text, :text, 1000, 1, 1, 1000,
                                   CASE n % 50 WHEN 0 THEN :error END, :now, :now, :now + CAST(n AS BIGINT) * 1000000, n
                            FROM numbers
                            """)
                    .bind("many", MANY)
                    .bind("text", "{\"about\":\"" + "x".repeat(400) + "\"}")
                    .bind("error", Json.text(new Problem(ErrorCode.DISK_FULL, "the disk is full")))
                    .bind("now", Times.micros(NOW))
                    .execute());
        }
        upkeep();
        clock.set(NOW.plusSeconds(MANY));
        Insight insight = state.insight(NOW, null);
        assertThat(insight.days().stream().mapToLong(Insight.Day::jobs).sum()).isEqualTo(MANY);
        assertThat(insight.failures().stream().mapToLong(Insight.Failures::jobs).sum())
                .as("of the newest two hundred of each kind")
                .isEqualTo(3 * 200);
        long best = IntStream.range(0, 20)
                .mapToLong(round -> {
                    long began = System.nanoTime();
                    assertThat(state.insight(NOW, null)).isEqualTo(insight);
                    return System.nanoTime() - began;
                })
                .min()
                .orElseThrow();
        assertThat(Duration.ofNanos(best)).isLessThanOrEqualTo(Duration.ofMillis(50));
    }

    private void end(JobState how, Instant at) {
        changed(Change.of(running().id(), at, JobState.RUNNING)
                .to(how)
                .set(Column.ENDED, at)
                .set(Column.BYTES, 100L));
    }

    private void fail(ErrorCode code) {
        changed(Change.of(running().id(), NOW, JobState.RUNNING)
                .to(JobState.FAILED)
                .set(Column.ENDED, NOW)
                .set(Column.ERROR, new Problem(code, "so it is")));
    }

    private void changed(Change change) {
        assertThat(state.jobs().change(change)).isPresent();
    }

    private static Insight.Day day(String date, Kind kind, JobState how, long jobs, Duration busy) {
        return new Insight.Day(LocalDate.parse(date), kind, how, jobs, jobs * 100, busy);
    }
}
