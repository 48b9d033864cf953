package dev.sluice.files;

import java.util.List;

/// What an operation will do, in its order, and what stands in the way.
record Plan(List<Step> steps, List<Conflict> conflicts) {
    Plan {
        steps = List.copyOf(steps);
        conflicts = List.copyOf(conflicts);
    }

    boolean isBlocked() {
        return conflicts.stream().anyMatch(Conflict::blocks);
    }

    long files() {
        return steps.stream().filter(Step::isFile).count();
    }

    long bytes() {
        return steps.stream().mapToLong(Step::bytes).sum();
    }
}
