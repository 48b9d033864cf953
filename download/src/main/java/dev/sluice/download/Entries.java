package dev.sluice.download;

import dev.sluice.core.BatchId;
import dev.sluice.core.Job;

/// How the entries of a list become jobs.
interface Entries {
    /// What became of an entry: a job, the one that it had become before, or none more is wanted.
    enum Added {
        NEW,
        KNOWN,
        CANCELLED
    }

    /// Makes a job of an entry in the batch of the list's own. The same URL again, after a crash or as the list is
    /// tried again, makes nothing new.
    ///
    /// @throws dev.sluice.core.ProblemException `invalid_request` or `target_refused` where the URL is none that is
    ///     fetched; `gone` where it was made before and has been removed
    Added add(Job list, String url);

    /// No entry comes any more.
    void seal(BatchId batch);
}
