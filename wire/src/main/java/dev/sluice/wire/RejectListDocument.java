package dev.sluice.wire;

import dev.sluice.imports.Reject;
import java.util.List;

/// The records of an import that were rejected, in the order of their file.
public record RejectListDocument(List<Reject> rejects) {
    public RejectListDocument {
        rejects = List.copyOf(rejects);
    }
}
