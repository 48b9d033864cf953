package dev.sluice.wire;

import dev.sluice.imports.OwnTable;
import dev.sluice.imports.OwnTables;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of the rows of a table of one's own, in the order in which they came.
///
/// @param next what asks for the page behind it, as `after`
public record TableRowsDocument(
        List<TableRowDocument> rows, @Nullable String next) {
    /// @param found as many as the page has and one more, where there are more
    public static TableRowsDocument of(OwnTable table, List<OwnTables.Row> found, int limit) {
        boolean more = found.size() > limit;
        List<OwnTables.Row> page = more ? found.subList(0, limit) : found;
        return new TableRowsDocument(
                page.stream().map(row -> TableRowDocument.of(table, row)).toList(),
                more ? Long.toString(page.getLast().id()) : null);
    }
}
