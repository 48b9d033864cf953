package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.app.Sluice;
import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.imports.Imports;
import dev.sluice.wire.SeenImport;
import java.util.List;
import java.util.Optional;

/// Finds imports by their own ids and by those of their batches, and says how they are. Safe for use by many threads.
final class ImportStatuses {
    private final Sluice sluice;

    ImportStatuses(Sluice sluice) {
        this.sluice = sluice;
    }

    /// A batch that has imports. Somebody else's looks like one that there is not.
    Optional<Batch> batch(Caller caller, BatchId id) {
        return sluice.jobs().batch(id).filter(batch -> batch.kind().equals(Imports.KIND) && caller.sees(batch.owner()));
    }

    /// The imports of a batch, in their order.
    List<Job> jobs(BatchId batch) {
        return sluice.jobs().jobsOf(batch).stream()
                .filter(job -> job.kind().equals(Imports.KIND))
                .toList();
    }

    List<SeenImport> seen(List<Job> jobs) {
        return jobs.stream()
                .map(job ->
                        new SeenImport(job, sluice.engine().progress(job.id()).orElse(null)))
                .toList();
    }

    /// The imports that an id means, one by its own or all of a batch; none where it means neither. Their jobs need not
    /// be kept any more.
    ///
    /// @param id which a client has sent and which may be anything
    List<JobId> meant(Caller caller, String id) {
        if (!Ids.isIdentifier(id)) {
            return List.of();
        }
        BatchId batch = new BatchId(id);
        return batch(caller, batch).isPresent()
                ? jobs(batch).stream().map(Job::id).toList()
                : List.of(new JobId(id));
    }
}
