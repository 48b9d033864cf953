package dev.sluice.wire;

import dev.sluice.core.BatchId;
import dev.sluice.core.Job;
import java.util.List;

/// The answer to several downloads that were asked for at once.
///
/// @param jobs their ids, in the order of the URLs
public record DownloadBatchAnswer(String batch, List<String> jobs) {
    public DownloadBatchAnswer {
        jobs = List.copyOf(jobs);
    }

    public static DownloadBatchAnswer of(BatchId batch, List<Job> jobs) {
        return new DownloadBatchAnswer(
                batch.value(), jobs.stream().map(job -> job.id().value()).toList());
    }
}
