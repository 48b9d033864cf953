package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An upload as the old front end knows it.
///
/// @param fileId only where a POST made the file
/// @param status `pending` `uploading` `completed` `failed` `cancelled`
/// @param offset durable bytes
/// @param error what went wrong, where the upload failed; `code` goes with it
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FileDocument(
        @JsonProperty("_id") String id,
        @Nullable String fileId,
        String filename,
        String originalFilename,
        @Nullable Long sizeBytes,
        String contentType,
        String status,
        @Nullable String batchId,
        @Nullable String storageLocation,
        Instant createdAt,
        long offset,
        @Nullable Instant cancelledAt,
        @Nullable String cancelledBy,
        @Nullable String error,
        @Nullable String code) {

    public static FileDocument of(Job job, FileFacts facts) {
        boolean cancelled = job.state() == JobState.CANCELLED;
        CancelReceipt receipt = job.receipt();
        CancelSource by = job.cancelledBy();
        Problem error = job.state() == JobState.FAILED ? job.error() : null;
        var batch = job.batch();
        return new FileDocument(
                job.id().value(),
                null,
                facts.filename(),
                facts.originalFilename(),
                facts.sizeBytes(),
                facts.contentType(),
                status(job),
                batch == null ? null : batch.value(),
                facts.storageLocation(),
                job.created(),
                facts.offset(),
                !cancelled ? null : receipt != null ? receipt.decided() : job.ended(),
                cancelled && by != null ? by.word() : null,
                error == null ? null : error.message(),
                error == null ? null : error.code().code());
    }

    /// The document of a file that a POST has made.
    public FileDocument posted() {
        return new FileDocument(
                id,
                id,
                filename,
                originalFilename,
                sizeBytes,
                contentType,
                status,
                batchId,
                storageLocation,
                createdAt,
                offset,
                cancelledAt,
                cancelledBy,
                error,
                code);
    }

    /// The upload's state outside. What has ever run is never `pending` again; what was paused before its first
    /// byte still is.
    public static String status(Job job) {
        return switch (job.state()) {
            case PENDING, PAUSED -> job.everRan() ? "uploading" : "pending";
            case RUNNING -> "uploading";
            case COMPLETED -> "completed";
            case FAILED -> "failed";
            case CANCELLED -> "cancelled";
        };
    }
}
