package dev.sluice.wire;

import dev.sluice.core.JobId;
import dev.sluice.core.Progress;
import java.time.Instant;
import java.util.List;

/// How a job went: the samples of `GET …/{id}/history`, oldest first.
public record HistoryDocument(String id, List<Sample> samples) {
    /// @param percent 0–100
    /// @param rate bytes per second
    public record Sample(Instant at, double percent, long bytes, long rate) {}

    public static HistoryDocument of(JobId job, List<Progress.Sample> samples) {
        return new HistoryDocument(
                job.value(),
                samples.stream()
                        .map(sample -> new Sample(
                                sample.at(),
                                JobDocument.percent(sample.percent()),
                                sample.bytes(),
                                Math.max(0, Math.round(sample.rate()))))
                        .toList());
    }
}
