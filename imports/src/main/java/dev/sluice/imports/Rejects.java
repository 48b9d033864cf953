package dev.sluice.imports;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The records of one file that were rejected, in its order.
///
/// @param head what has to stand above their raw text, so that they can be put right and imported again: a line that
///     tells the delimiter, and that of the header where there is one; null where that was not kept
public record Rejects(@Nullable String head, List<Reject> rows) {
    public Rejects {
        rows = List.copyOf(rows);
    }
}
