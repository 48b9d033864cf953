package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.Progress;
import dev.sluice.files.OperationFacts;
import dev.sluice.files.Operations;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a file operation is: the one message that a desktop program is sent. Wire contract §4.
///
/// @param filesProcessed done, failed or left out
/// @param totalFiles 0 while it is being planned
/// @param progressPercentage 0–100
/// @param currentFile empty where none is moving
/// @param status `running`, also while it waits or is paused; `completed`, `failed` or `cancelled`
/// @param timestamp milliseconds since 1970
/// @param speed in millions of bytes a second; at the end the mean
/// @param operationType `copy`, `move` or `rename`
/// @param error why it failed
public record OperationProgress(
        String type,
        @JsonProperty("batch_id") String batchId,
        long filesProcessed,
        long totalFiles,
        double progressPercentage,
        String currentFile,
        String status,
        long timestamp,
        double speed,
        String operationType,
        @Nullable String error) {

    /// @param live how far it is just now, or was when it was last seen moving; null where nobody saw it
    /// @param processed files that were done, failed or left out, where that is known by other ways only
    public static OperationProgress of(Job job, @Nullable Progress live, @Nullable Long processed, Instant now) {
        OperationFacts facts = OperationFacts.of(job);
        var batch = job.batch();
        boolean ended = job.state().ended();
        Problem error = job.error();
        String current = live == null || ended ? null : live.current();
        return new OperationProgress(
                "progress",
                batch == null ? job.id().value() : batch.value(),
                processed != null ? processed : processed(facts, live, ended),
                total(facts, live),
                ended || live == null ? JobDocument.recordedPercent(job, live) : JobDocument.percent(live.percent()),
                current == null ? "" : current,
                status(job.state()),
                now.toEpochMilli(),
                ended ? mean(job) : speed(live),
                Operations.spec(job).verb().word(),
                job.state() == JobState.FAILED && error != null ? error.message() : null);
    }

    static String status(JobState state) {
        return switch (state) {
            case PENDING, RUNNING, PAUSED -> "running";
            case COMPLETED, FAILED, CANCELLED -> state.word();
        };
    }

    /// Whether an ended operation has left no word of how many files it has done.
    public static boolean isUncounted(Job job, @Nullable Progress live) {
        return job.state().ended() && OperationFacts.of(job).done() == null && (live == null || live.items() == null);
    }

    private static long processed(OperationFacts facts, @Nullable Progress live, boolean ended) {
        Long done = facts.done();
        if (done != null && ended) {
            return done + orZero(facts.failed()) + orZero(facts.skipped());
        }
        // While it is being planned the files are counted that were found.
        return live == null || live.items() == null || orZero(live.totalItems()) == 0 ? 0 : live.items();
    }

    private static long total(OperationFacts facts, @Nullable Progress live) {
        Long files = facts.files();
        return files != null ? files : live == null ? 0 : orZero(live.totalItems());
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }

    private static double speed(@Nullable Progress live) {
        Double rate = live == null ? null : live.rate();
        return rate == null || !Double.isFinite(rate) ? 0 : megabytes(rate);
    }

    private static double mean(Job job) {
        Instant from = job.started();
        Instant to = job.ended();
        double seconds =
                from == null || to == null ? 0 : Duration.between(from, to).toMillis() / 1e3;
        return seconds <= 0 ? 0 : megabytes(job.bytes() / seconds);
    }

    private static double megabytes(double bytes) {
        return Math.round(Math.max(0, bytes) / 1e4) / 100.0;
    }
}
