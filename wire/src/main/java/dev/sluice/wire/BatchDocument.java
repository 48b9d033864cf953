package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.Batch;
import dev.sluice.core.JobId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A batch at `GET /api/v1/batches/{id}`: the members that the old upload front end reads, then ours.
///
/// @param status `pending` `processing` `completed` `failed` `cancelled`
/// @param fileIds the batch's jobs in the order of their submission
public record BatchDocument(
        String id,
        String status,
        @JsonProperty("file_ids") List<String> fileIds,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("cancelled_at") @Nullable Instant cancelledAt,
        @JsonProperty("cancelled_files_count") @Nullable Integer cancelledFilesCount,
        String kind,
        String owner,
        boolean sealed,
        Counts counts,
        Map<String, String> links) {

    /// How many jobs there are, and how many have begun and ended in which way.
    public record Counts(int total, int begun, int completed, int failed, int cancelled) {}

    public static BatchDocument of(Batch batch, List<JobId> jobs) {
        Batch.Counts counts = batch.counts();
        boolean cancelled = batch.state() == Batch.State.CANCELLED;
        return new BatchDocument(
                batch.id().value(),
                batch.state().word(),
                jobs.stream().map(JobId::value).toList(),
                batch.created(),
                batch.cancelledAt(),
                !cancelled ? null : batch.cancelledAt() != null ? batch.cancelledCount() : counts.cancelled(),
                batch.kind().value(),
                batch.owner().name(),
                batch.sealed(),
                new Counts(counts.total(), counts.begun(), counts.completed(), counts.failed(), counts.cancelled()),
                links(batch, cancelled));
    }

    private static Map<String, String> links(Batch batch, boolean cancelled) {
        String self = "/api/v1/batches/" + batch.id();
        var links = new LinkedHashMap<String, String>();
        links.put("self", self);
        links.put("jobs", "/api/v1/jobs?batch=" + batch.id());
        if (!cancelled
                && (!batch.sealed() || batch.counts().ended() < batch.counts().total())) {
            links.put("cancel", self + "/cancel");
        }
        if (batch.counts().completed() > 0 && batch.kind().value().equals(JobDocument.UPLOAD)) {
            links.put("content", "/api/v1/batch/download-zip/" + batch.id());
        }
        return links;
    }
}
