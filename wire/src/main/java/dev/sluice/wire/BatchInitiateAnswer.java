package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sluice.core.BatchId;
import dev.sluice.core.JobId;
import java.util.List;

/// The answer of `POST /api/v1/batch/initiate`.
///
/// @param files in the order of the request
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record BatchInitiateAnswer(String batchId, List<File> files) {
    public BatchInitiateAnswer {
        files = List.copyOf(files);
    }

    public static BatchInitiateAnswer of(BatchId batch, List<File> files) {
        return new BatchInitiateAnswer(batch.value(), files);
    }

    /// One file of the batch.
    ///
    /// @param name the original file name once more: clients match on either
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record File(String fileId, String originalFilename, String name, String gdriveUploadUrl) {
        public static File of(JobId file, String originalFilename, String handle) {
            return new File(file.value(), originalFilename, originalFilename, handle);
        }
    }
}
