package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.JobId;
import java.time.Instant;

/// The answer of `POST /api/v1/download/cancel/{jobId}`.
public record DownloadCancelAnswer(
        String message,
        String jobId,

        @JsonProperty("cancelled_at") Instant cancelledAt,

        StopWord stopped) {
    public static DownloadCancelAnswer of(JobId id, Instant decided, boolean stopped) {
        return new DownloadCancelAnswer("Download cancelled successfully", id.value(), decided, StopWord.of(stopped));
    }
}
