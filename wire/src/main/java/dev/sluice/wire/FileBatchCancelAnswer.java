package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import java.time.Instant;
import java.util.List;

/// The answer of `POST /api/v1/batch/cancel/{batch_id}`.
///
/// @param stopped `true` once every job's node has been told
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FileBatchCancelAnswer(
        String message,
        String batchId,
        int cancelledFilesCount,
        int totalFilesInBatch,
        Instant cancelledAt,
        StopWord stopped) {

    /// @param receipts one for each job that this cancel stopped
    public static FileBatchCancelAnswer of(BatchId batch, Instant at, int total, List<CancelReceipt> receipts) {
        return new FileBatchCancelAnswer(
                "Batch upload cancelled successfully",
                batch.value(),
                receipts.size(),
                total,
                at,
                StopWord.of(receipts));
    }
}
