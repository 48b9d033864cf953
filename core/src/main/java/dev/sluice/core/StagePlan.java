package dev.sluice.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The stages of a job in their order, and how far each has come.
public record StagePlan(List<Stage> stages) {
    public StagePlan {
        stages = List.copyOf(stages);
    }

    public static StagePlan of(Stage... stages) {
        return new StagePlan(List.of(stages));
    }

    /// The stage that has begun and not ended.
    public Optional<Stage> current() {
        return stages.stream()
                .filter(stage -> stage.started() != null && stage.ended() == null)
                .findFirst();
    }

    /// The plan once `name` has begun at `at`: whichever stage ran before ended then; a stage that is entered
    /// again begins anew.
    ///
    /// @throws IllegalArgumentException where no stage has that name
    public StagePlan enter(String name, Instant at) {
        if (stages.stream().noneMatch(stage -> stage.name().equals(name))) {
            throw new IllegalArgumentException("no stage " + name + " among " + stages);
        }
        return new StagePlan(stages.stream()
                .map(stage -> stage.name().equals(name)
                        ? stage.begun(at)
                        : stage.started() != null && stage.ended() == null ? stage.over(at) : stage)
                .toList());
    }

    /// The plan once the job has ended at `at`.
    public StagePlan end(Instant at) {
        return new StagePlan(stages.stream()
                .map(stage -> stage.started() != null && stage.ended() == null ? stage.over(at) : stage)
                .toList());
    }

    /// This plan for a job that has gone by `before` until now: stages of the same name keep their times.
    StagePlan after(StagePlan before) {
        return new StagePlan(stages.stream()
                .map(stage -> before.stages.stream()
                        .filter(earlier -> earlier.name().equals(stage.name()))
                        .findFirst()
                        .map(earlier ->
                                new Stage(stage.name(), stage.from(), stage.to(), earlier.started(), earlier.ended()))
                        .orElse(stage))
                .toList());
    }

    /// How far the job is, in percent: the fraction done of the current stage, laid into its range.
    ///
    /// @param fraction 0–1
    public double percent(double fraction) {
        return current()
                .map(stage -> stage.from() + Math.clamp(fraction, 0.0, 1.0) * (stage.to() - stage.from()))
                .orElse(0.0);
    }
}
