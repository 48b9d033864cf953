package dev.sluice.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The sessions of this node that have not let go of their jobs. A job can have several for a moment: one that
/// works and others that have been told to stop and are still inside a write.
final class Live {
    private final ConcurrentHashMap<JobId, List<Session>> byJob = new ConcurrentHashMap<>();

    void enter(Session session) {
        byJob.compute(session.id(), (id, before) -> {
            var now = before == null ? new ArrayList<Session>() : new ArrayList<>(before);
            now.add(session);
            return List.copyOf(now);
        });
    }

    void leave(Session session) {
        byJob.computeIfPresent(session.id(), (id, before) -> {
            var now = new ArrayList<>(before);
            now.remove(session);
            return now.isEmpty() ? null : List.copyOf(now);
        });
    }

    List<Session> of(JobId job) {
        return byJob.getOrDefault(job, List.of());
    }

    Stream<Session> all() {
        return byJob.values().stream().flatMap(List::stream);
    }

    boolean isEmpty() {
        return byJob.isEmpty();
    }
}
