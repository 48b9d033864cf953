package dev.sluice.files;

import dev.sluice.core.Job;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an operation has found out and done: the facts of its job.
///
/// @param operation `copy`, `move` or `rename`
/// @param files that there are to do; folders do not count
/// @param bytes that there are to copy
/// @param done files that are where they were to be
/// @param failed files that could not be done
/// @param skipped files that were left out on purpose
/// @param manifests the ASC MHL manifests that were written
public record OperationFacts(
        String operation,
        @Nullable Long files,
        @Nullable Long bytes,
        @Nullable Long done,
        @Nullable Long failed,
        @Nullable Long skipped,
        @Nullable List<String> manifests) {

    static OperationFacts planned(OperationSpec spec, long files, long bytes) {
        return new OperationFacts(spec.verb().word(), files, bytes, null, null, null, null);
    }

    static OperationFacts ended(OperationSpec spec, Journal journal, List<String> manifests) {
        long done = 0;
        long failed = 0;
        long skipped = 0;
        for (Step step : journal.steps().orElse(List.of())) {
            Mark mark = journal.mark(step);
            if (!step.isFile()) {
                continue;
            }
            if (mark.isDone()) {
                done++;
            } else if (mark.phase() == Mark.Phase.SKIPPED) {
                skipped++;
            } else if (mark.isFailed()) {
                failed++;
            }
        }
        return new OperationFacts(
                spec.verb().word(), null, null, done, failed, skipped, manifests.isEmpty() ? null : manifests);
    }

    public static OperationFacts of(Job job) {
        return job.facts().as(OperationFacts.class);
    }
}
