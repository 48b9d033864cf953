package dev.sluice.server;

import dev.sluice.core.Engine;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.Waiting;
import dev.sluice.download.Downloads;
import dev.sluice.files.Operations;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where jobs stand among those of their kind that wait for a place, all at one moment: each queue is read once. Not
/// safe for use by many threads.
final class Positions {
    private static final Set<Kind> QUEUED = Set.of(Downloads.KIND, Operations.KIND);

    private final Engine engine;
    private final Map<Kind, Map<JobId, Integer>> queues = new HashMap<>();

    Positions(Engine engine) {
        this.engine = engine;
    }

    /// From 1; null where it waits for nothing, for a client, or far behind.
    @Nullable
    Integer of(Job job) {
        boolean queued = job.state() == JobState.PENDING
                && (job.waiting() == Waiting.SLOT || job.waiting() == Waiting.RETRY)
                && QUEUED.contains(job.kind());
        return queued ? queues.computeIfAbsent(job.kind(), this::read).get(job.id()) : null;
    }

    private Map<JobId, Integer> read(Kind kind) {
        var positions = new HashMap<JobId, Integer>();
        List<JobId> queue = engine.queue(kind);
        queue.forEach(job -> positions.put(job, positions.size() + 1));
        return positions;
    }
}
