package dev.sluice.upload;

import dev.sluice.core.Job;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/// The bytes of completed uploads, for those who read them. Safe for use by many threads; every call may block.
public final class UploadContent {
    private final Storages storages;

    UploadContent(Storages storages) {
        this.storages = storages;
    }

    /// The bytes of a completed upload.
    ///
    /// @throws ProblemException `conflict` (with `state`) where it has not completed; `not_found` where the
    ///     storage has lost it
    public ObjectContent read(Job job, ByteRange range, StopToken stop) {
        UploadFacts facts = UploadFacts.of(job);
        Storage storage = storages.named(facts.storage());
        return storage.call(() -> storage.read(facts.ref(), range, stop));
    }

    /// Makes sure that completed uploads can be read just now.
    ///
    /// @throws ProblemException what [#read] would throw for the first that cannot, with its `file_id`
    public void requireStored(List<Job> jobs) {
        Map<Storage, List<Job>> byStorage = jobs.stream()
                .collect(Collectors.groupingBy(
                        job -> storages.named(UploadFacts.of(job).storage()), LinkedHashMap::new, Collectors.toList()));
        byStorage.forEach((storage, stored) -> storage.call(() -> {
            stored.forEach(job -> requireStored(storage, job));
            return storage;
        }));
    }

    private static void requireStored(Storage storage, Job job) {
        try {
            storage.read(UploadFacts.of(job).ref(), new ByteRange(0, 0), new StopToken())
                    .close();
        } catch (ProblemException e) {
            throw new ProblemException(
                    new Problem(
                            e.code(),
                            "file " + job.id() + " (" + job.name() + ") cannot be read: "
                                    + e.problem().message(),
                            Map.of("file_id", job.id().value())),
                    e);
        }
    }

    /// Where code that reads this upload's bytes has to run.
    public Executor executor(Job job) {
        return storages.named(Uploads.spec(job).storage()).executor();
    }
}
