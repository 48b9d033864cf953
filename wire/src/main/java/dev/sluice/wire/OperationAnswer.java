package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.Job;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The answer to a submission of a file operation.
///
/// @param id the job's
/// @param status `queued`, or where a repeated submission finds it
/// @param links paths of what can be done with it
public record OperationAnswer(
        @JsonProperty("batch_id") @Nullable String batchId, String id, String status, Map<String, String> links) {
    public static OperationAnswer of(Job job) {
        var batch = job.batch();
        return new OperationAnswer(
                batch == null ? null : batch.value(),
                job.id().value(),
                !job.everRan() && !job.state().ended() ? "queued" : OperationProgress.status(job.state()),
                JobDocument.links(job));
    }
}
