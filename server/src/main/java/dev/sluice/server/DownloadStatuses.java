package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import dev.sluice.download.DownloadFacts;
import dev.sluice.download.Downloads;
import dev.sluice.storage.Storage;
import dev.sluice.wire.DownloadStatus;
import org.jspecify.annotations.Nullable;

/// Says how far downloads are, as wire contract §2 has it. Safe for use by many threads.
final class DownloadStatuses {
    private final Sluice sluice;
    private final DownloadLinks links;

    DownloadStatuses(Sluice sluice, DownloadLinks links) {
        this.sluice = sluice;
        this.links = links;
    }

    /// @param base what its link begins with
    DownloadStatus of(Job job, String base) {
        return of(job, sluice.engine().progress(job.id()).orElse(null), base);
    }

    /// @param live how far it is just now, or was when it was last seen moving
    DownloadStatus of(Job job, @Nullable Progress live, String base) {
        boolean stored =
                job.state() == JobState.COMPLETED && DownloadFacts.of(job).key() != null;
        return DownloadStatus.of(job, live, provider(job), stored ? links.of(job, base) : null);
    }

    /// The kind of its storage; the name of one that is not configured any more.
    private String provider(Job job) {
        String name = Downloads.spec(job).storage();
        Storage storage = sluice.storages().all().get(name);
        return storage == null ? name : storage.shape().kind();
    }
}
