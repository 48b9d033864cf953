package dev.sluice.download;

import dev.sluice.core.BatchId;
import dev.sluice.core.Job;

/// How the entries of a list become jobs.
interface Spawn {
    /// Makes a job of an entry in the batch of the list's own. The same number again, after a crash, makes nothing
    /// new; what joins a cancelled batch is born cancelled.
    ///
    /// @param number from 1
    /// @throws dev.sluice.core.ProblemException where the URL is none that is fetched
    Job entry(Job list, int number, String url);

    /// No entry comes any more.
    void seal(BatchId batch);
}
