package dev.sluice.wire;

import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Stage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A stage of an import has begun, or is done.
///
/// @param place of the stage among all, from 0
/// @param percent of the job just then, 0–100
record ImportStep(JobId job, String stage, int place, boolean done, Instant at, int percent) {
    /// As they happened.
    static final Comparator<ImportStep> IN_ORDER = Comparator.comparing(ImportStep::at)
            .thenComparingInt(ImportStep::place)
            .thenComparing(ImportStep::done);

    /// Those that the job has taken; a stage that an attempt has left before it was done has none for its end.
    static List<ImportStep> of(Job job) {
        var steps = new ArrayList<ImportStep>();
        List<Stage> stages = job.stages().stages();
        for (int place = 0; place < stages.size(); place++) {
            Stage stage = stages.get(place);
            Instant began = stage.started();
            Instant over = stage.ended();
            if (began != null) {
                steps.add(new ImportStep(job.id(), stage.name(), place, false, began, stage.from()));
            }
            if (over != null && isDone(job, place, over)) {
                steps.add(new ImportStep(job.id(), stage.name(), place, true, over, stage.to()));
            }
        }
        return steps;
    }

    private static boolean isDone(Job job, int place, Instant over) {
        List<Stage> stages = job.stages().stages();
        if (place == stages.size() - 1) {
            return job.state() == JobState.COMPLETED;
        }
        Instant next = stages.get(place + 1).started();
        return next != null && !next.isBefore(over);
    }
}
