package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Meter;
import dev.sluice.core.Problem;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How many files of an operation are over, and how many of them failed. Safe for use by many threads.
final class Tally {
    private static final Logger log = LoggerFactory.getLogger(Tally.class);

    private final Meter meter;
    private final long total;
    private final long bytes;
    private final AtomicLong over = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile @Nullable Problem firstFailure;
    private volatile @Nullable Problem folderFailure;

    /// Begins with what earlier runs have done.
    Tally(Meter meter, List<Step> steps, Journal journal) {
        this.meter = meter;
        this.total = steps.stream().filter(Step::isFile).count();
        this.bytes = steps.stream().mapToLong(Step::bytes).sum();
        long done = 0;
        for (Step step : steps) {
            Mark mark = journal.mark(step);
            if (mark.isOver() && step.isFile()) {
                over.incrementAndGet();
                done += mark.isDone() ? step.bytes() : 0;
                Problem why = mark.error();
                if (mark.isFailed() && why != null) {
                    count(why);
                }
            }
        }
        meter.from(done);
        meter.items(over.get(), total);
    }

    long files() {
        return total;
    }

    long bytes() {
        return bytes;
    }

    void over() {
        meter.items(over.incrementAndGet(), total);
    }

    /// The step is over.
    void failed(Step step, Problem why) {
        log.info("{} failed: {}", step.source(), why.message());
        count(why);
        over();
    }

    /// Files that were to come into that folder are counted one by one; there may be none.
    void folderFailed(Problem why) {
        log.info("{}", why.message());
        if (folderFailure == null) {
            folderFailure = why;
        }
    }

    /// The target is there, and the step is over already.
    void stayed(Step step, Problem why) {
        log.info("{} stays: {}", step.source(), why.message());
        count(why);
    }

    private void count(Problem why) {
        failures.incrementAndGet();
        if (firstFailure == null) {
            firstFailure = why;
        }
    }

    /// What the operation fails with; null where nothing of it failed.
    @Nullable
    Problem failure() {
        long failed = failures.get();
        Problem first = firstFailure;
        if (failed == 0 || first == null) {
            Problem folder = folderFailure;
            return folder == null ? null : new Problem(ErrorCode.FILES_FAILED, folder.message());
        }
        return new Problem(
                ErrorCode.FILES_FAILED,
                failed + " of " + total + (total == 1 ? " file" : " files") + " failed: " + first.message()
                        + (failed == 1 ? "" : " …") + "; the report says which");
    }
}
