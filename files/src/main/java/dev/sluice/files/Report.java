package dev.sluice.files;

import dev.sluice.core.Job;
import dev.sluice.core.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an operation has done, file by file.
///
/// @param operation `copy`, `move` or `rename`
/// @param state of the job
/// @param totals how many files there are in each state
/// @param bytes copied
/// @param seconds from the job's begin to its end, or until now
/// @param sequences the files by state, sequences folded to ranges
/// @param files each of them, and folders that could not be made
public record Report(
        String operation,
        String state,
        Map<String, Long> totals,
        long bytes,
        @Nullable Double seconds,
        List<Sequence> sequences,
        List<Line> files) {

    /// @param state `copied`, `moved`, `renamed`, `linked`, `skipped`, `failed`, `taken_back` or `untouched`
    /// @param millis that this file took, the sync of its group included
    /// @param rate bytes a second
    /// @param hash as `xxh64:…`
    public record Line(
            String source,
            String target,
            String state,
            @Nullable Long bytes,
            @Nullable Long millis,
            @Nullable Long rate,
            @Nullable String hash,
            @Nullable String code,
            @Nullable String error) {}

    /// @param text such as `/a/shot.1001-1240#.exr → /b/shot.1001-1240#.exr`
    public record Sequence(String state, long files, String text) {}

    static Report of(Job job, OperationSpec spec, List<Step> none) {
        return new Report(spec.verb().word(), job.state().word(), Map.of(), 0, seconds(job), List.of(), List.of());
    }

    static Report of(Job job, OperationSpec spec, Journal journal) {
        var lines = new ArrayList<Line>();
        var totals = new LinkedHashMap<String, Long>();
        var byState = new LinkedHashMap<List<String>, List<Step>>();
        long bytes = 0;
        for (Step step : journal.steps().orElse(List.of())) {
            Mark mark = journal.mark(step);
            if (!step.isFile() && !(step.act() == Act.FOLDER && mark.isFailed())) {
                continue;
            }
            Line line = line(spec, step, mark);
            lines.add(line);
            if (!step.isFile()) {
                continue;
            }
            totals.merge(line.state(), 1L, Long::sum);
            bytes += mark.isDone() ? step.bytes() : 0;
            byState.computeIfAbsent(
                            List.of(
                                    line.state(),
                                    String.valueOf(step.source().getParent()),
                                    String.valueOf(step.target().getParent())),
                            missing -> new ArrayList<>())
                    .add(step);
        }
        var sequences = new ArrayList<Sequence>();
        byState.forEach((key, steps) -> FoldedSteps.lines(steps)
                .forEach(line -> sequences.add(new Sequence(key.getFirst(), line.files(), line.text()))));
        return new Report(spec.verb().word(), job.state().word(), totals, bytes, seconds(job), sequences, lines);
    }

    private static @Nullable Double seconds(Job job) {
        return job.started() == null
                ? null
                : (Double) (java.time.Duration.between(
                                        job.started(), job.ended() == null ? java.time.Instant.now() : job.ended())
                                .toMillis()
                        / 1e3);
    }

    private static Line line(OperationSpec spec, Step step, Mark mark) {
        Problem why = mark.error() == null ? step.why() : mark.error();
        boolean done = mark.isDone();
        long millis = mark.took().toMillis();
        Long size = step.stat() == null || !step.act().copies()
                ? null
                : (Long) step.found().size();
        HashKind kind = spec.verify();
        return new Line(
                step.source().toString(),
                step.target().toString(),
                state(spec, step, mark),
                done || mark.phase() == Mark.Phase.STAYED ? size : null,
                done ? (Long) millis : null,
                done && size != null && millis > 0 ? (Long) (size * 1000 / millis) : null,
                mark.hash() == null || kind == null ? null : kind.word() + ":" + mark.hash(),
                why == null ? null : why.code().code(),
                why == null ? null : why.message());
    }

    private static String state(OperationSpec spec, Step step, Mark mark) {
        return switch (mark.phase()) {
            case PLANNED, BEGUN -> "untouched";
            case FAILED, STAYED -> "failed";
            case SKIPPED -> "skipped";
            case TAKEN_BACK -> "taken_back";
            case DONE, LEAVING, LEFT ->
                step.act() == Act.RENAME
                        ? spec.verb() == Verb.RENAME ? "renamed" : "moved"
                        : mark.phase() == Mark.Phase.LEFT ? "moved" : step.act() == Act.LINK ? "linked" : "copied";
        };
    }
}
