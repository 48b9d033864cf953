package dev.sluice.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of batches.
///
/// @param next what `after` of the next page is; absent at the end
public record BatchListDocument(
        List<BatchDocument> batches, @Nullable String next) {
    public BatchListDocument {
        batches = List.copyOf(batches);
    }
}
