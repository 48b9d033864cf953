package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.CancelReceipt;
import java.time.Instant;

/// The answer of `POST /api/v1/download/cancel/{jobId}`.
public record DownloadCancelAnswer(
        String message,
        String jobId,

        @JsonProperty("cancelled_at") Instant cancelledAt,

        StopWord stopped) {
    public static DownloadCancelAnswer of(CancelReceipt receipt) {
        return new DownloadCancelAnswer(
                "Download cancelled successfully", receipt.id().value(), receipt.decided(), StopWord.of(receipt));
    }
}
