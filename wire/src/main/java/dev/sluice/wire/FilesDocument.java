package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.BatchId;
import java.util.List;

/// The answer to a POST of several files at once.
public record FilesDocument(@JsonProperty("batch_id") String batchId, List<FileDocument> files) {
    public FilesDocument {
        files = List.copyOf(files);
    }

    public static FilesDocument of(BatchId batch, List<FileDocument> files) {
        return new FilesDocument(batch.value(), files);
    }
}
