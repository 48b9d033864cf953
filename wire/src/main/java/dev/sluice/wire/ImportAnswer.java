package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.BatchId;
import dev.sluice.core.Job;
import dev.sluice.imports.Imports;
import java.util.List;

/// The answer of `POST /api/v1/upload/csv`.
///
/// @param filename of the first file
/// @param size of all, in bytes
/// @param status `processing`
public record ImportAnswer(@JsonProperty("batch_id") String batchId, String filename, long size, String status) {
    /// @param jobs one at least
    public static ImportAnswer of(BatchId batch, List<Job> jobs) {
        return new ImportAnswer(
                batch.value(),
                Imports.spec(jobs.getFirst()).filename(),
                jobs.stream().mapToLong(job -> Imports.spec(job).size()).sum(),
                ImportMessage.PROCESSING);
    }
}
