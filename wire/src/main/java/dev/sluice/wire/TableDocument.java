package dev.sluice.wire;

import dev.sluice.imports.OwnTable;
import dev.sluice.imports.TableColumn;
import java.util.List;
import java.util.Map;

/// A table of one's own.
///
/// @param name of its profile
/// @param table what SQL calls it
/// @param rows how many there are
/// @param links paths of what can be done with it
public record TableDocument(
        String name, String table, List<TableColumn> columns, long rows, Map<String, String> links) {
    public static TableDocument of(OwnTable table, long rows) {
        return new TableDocument(
                table.name(),
                table.place(),
                table.columns(),
                rows,
                Map.of("rows", "/api/v1/tables/" + table.name() + "/rows"));
    }
}
