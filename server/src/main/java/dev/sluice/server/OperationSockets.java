package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import dev.sluice.files.Operations;
import dev.sluice.files.Report;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.JobListener;
import dev.sluice.wire.OperationProgress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sockets of those who watch file operations, and what they ask of the node. Safe for use by many threads.
final class OperationSockets {
    private static final Logger log = LoggerFactory.getLogger(OperationSockets.class);
    private static final Set<String> NOT_DONE = Set.of("untouched", "taken_back");

    private final OpenSockets open;
    private final Sluice sluice;
    private final DiskCalls disk;
    private final LatestSockets latest;
    private final AwaitedBatches awaited;

    OperationSockets(OpenSockets open, Sluice sluice, DiskCalls disk, LatestSockets latest, AwaitedBatches awaited) {
        this.open = open;
        this.sluice = sluice;
        this.disk = disk;
        this.latest = latest;
        this.awaited = awaited;
    }

    Socket open(Request request) {
        WatchRequest.boundSendBuffer(request);
        return new OperationSocket(open, latest, this, awaited);
    }

    // ---- Batches

    /// The operation of a batch, if there is one that the caller sees.
    Optional<JobId> job(Caller caller, BatchId batch) {
        return sluice.jobs().jobsOf(batch).stream()
                .filter(job -> job.kind().equals(Operations.KIND) && caller.sees(job.owner()))
                .map(Job::id)
                .findFirst();
    }

    Hub.Registration follow(JobId job, JobListener listener) {
        return sluice.hub().onJob(job, listener);
    }

    // ---- How far an operation is

    /// How far it is, and where it has ended, what tells this end from another one.
    record Seen(OperationProgress progress, @Nullable Object end) {}

    private record End(JobState state, @Nullable Instant at) {}

    /// @param last when it was last seen moving
    Optional<Seen> seen(JobId id, @Nullable Progress last) {
        return sluice.jobs().find(id).map(job -> {
            Progress live = last != null ? last : sluice.engine().progress(id).orElse(null);
            Long processed = OperationProgress.isUncounted(job, live) ? processed(id) : null;
            return new Seen(
                    OperationProgress.of(job, live, processed, Instant.now()),
                    job.state().ended() ? new End(job.state(), job.ended()) : null);
        });
    }

    /// By its journal.
    private @Nullable Long processed(JobId id) {
        try {
            Report report = disk.call(() -> sluice.operations().report(id));
            return report.totals().entrySet().stream()
                    .filter(total -> !NOT_DONE.contains(total.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        } catch (ProblemException e) {
            log.debug("[{}] how many files it has done is not known", id, e);
            return null;
        }
    }
}
