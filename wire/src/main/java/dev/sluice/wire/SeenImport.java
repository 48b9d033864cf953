package dev.sluice.wire;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.Progress;
import dev.sluice.core.Stage;
import dev.sluice.imports.Imports;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An import as it is at one moment.
///
/// @param live how far it is just now, where it runs here
public record SeenImport(Job job, @Nullable Progress live) {
    String filename() {
        return Imports.spec(job).filename();
    }

    /// In bytes.
    long size() {
        return Imports.spec(job).size();
    }

    /// What it works on, or has come to.
    Optional<Stage> stage() {
        return job.stages()
                .current()
                .or(() -> job.stages().stages().stream()
                        .filter(stage -> stage.started() != null)
                        .reduce((before, after) -> after));
    }

    /// 0–100, within the range of its stage: what is measured may be ahead of what is recorded.
    double percent() {
        double percent = live == null || job.state() != JobState.RUNNING
                ? JobDocument.recordedPercent(job, null)
                : JobDocument.percent(live.percent());
        return job.state() == JobState.COMPLETED
                ? percent
                : stage().map(stage -> Math.clamp(percent, stage.from(), stage.to()))
                        .orElse(0.0);
    }

    /// How much of its stage is done, 0–1.
    double fraction() {
        return stage().map(stage -> (percent() - stage.from()) / Math.max(1, stage.to() - stage.from()))
                .map(fraction -> Math.clamp(fraction, 0.0, 1.0))
                .orElse(0.0);
    }

    /// Whether it is known how many records the file has.
    boolean isCounted() {
        return fact("records") != null;
    }

    long records() {
        return orZero(fact("records"));
    }

    long added() {
        return orZero(fact("added"));
    }

    long duplicates() {
        return orZero(fact("duplicates"));
    }

    /// So many rows were rejected, also where they were too many.
    long rejected() {
        Long fact = fact("rejected");
        Problem error = job.error();
        Object told = error == null ? null : error.details().get("rejected");
        return fact != null ? fact : told instanceof Number number ? number.longValue() : 0;
    }

    private @Nullable Long fact(String name) {
        return job.facts().members().get(name) instanceof Number number ? (Long) number.longValue() : null;
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }
}
