package dev.sluice.wire;

import dev.sluice.storage.Trial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was tried of a storage, up to the first thing that does not work.
public record StorageTrialDocument(String storage, boolean works, List<Step> steps) {
    public StorageTrialDocument {
        steps = List.copyOf(steps);
    }

    /// @param problem what is wrong; absent where it works
    public record Step(
            String name,
            boolean works,
            long millis,
            @Nullable ProblemText problem) {}

    public record ProblemText(String code, String message) {}

    public static StorageTrialDocument of(String storage, List<Trial.Step> steps) {
        return new StorageTrialDocument(
                storage,
                steps.stream().allMatch(Trial.Step::works),
                steps.stream().map(StorageTrialDocument::step).toList());
    }

    private static Step step(Trial.Step step) {
        var failure = step.failure();
        return new Step(
                step.name(),
                step.works(),
                step.took().toMillis(),
                failure == null ? null : new ProblemText(failure.code().code(), failure.message()));
    }
}
