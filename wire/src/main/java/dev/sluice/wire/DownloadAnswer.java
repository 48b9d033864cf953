package dev.sluice.wire;

import dev.sluice.core.Job;

/// The answer to a download that was asked for.
///
/// @param status `queued`, or where a repeated submission finds it
public record DownloadAnswer(String jobId, String status) {
    public static DownloadAnswer of(Job job) {
        return new DownloadAnswer(job.id().value(), DownloadStatus.word(job));
    }
}
