package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sluice.core.CancelReceipt;
import java.time.Instant;

/// The answer of `POST /api/v1/upload/cancel/{file_id}`.
///
/// @param filename the original one
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FileCancelAnswer(String message, String fileId, String filename, Instant cancelledAt, StopWord stopped) {
    public static FileCancelAnswer of(CancelReceipt receipt, String originalFilename) {
        return new FileCancelAnswer(
                "Upload cancelled successfully",
                receipt.id().value(),
                originalFilename,
                receipt.decided(),
                StopWord.of(receipt));
    }
}
