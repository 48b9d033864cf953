package dev.sluice.wire;

import dev.sluice.core.BatchId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the jobs of a batch went, in the order of their submission: `GET /api/v1/batches/{id}/history`.
///
/// @param next what `after` of the next page is; absent at the end
public record BatchHistoryDocument(
        String id,
        List<HistoryDocument> histories,
        @Nullable String next) {
    public static BatchHistoryDocument of(BatchId batch, List<HistoryDocument> histories, @Nullable String next) {
        return new BatchHistoryDocument(batch.value(), List.copyOf(histories), next);
    }
}
