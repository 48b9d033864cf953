package dev.sluice.core;

import java.util.Map;

/// How a job that failed is written down.
final class Failures {
    private Failures() {}

    static Change change(Change change, Problem problem) {
        return change.to(JobState.FAILED)
                .voidFence()
                .set(Change.Column.WAITING, null)
                .set(Change.Column.NODE, null)
                .set(Change.Column.EXPIRES, null)
                .set(Change.Column.ERROR, problem)
                .set(Change.Column.ENDED, change.at())
                .tell(EventType.FAILED, Map.of("error", members(problem)));
    }

    static Map<String, Object> members(Problem problem) {
        return Map.of("code", problem.code().code(), "message", problem.message(), "retryable", problem.retryable());
    }
}
