package dev.sluice.wire;

import dev.sluice.imports.OwnTable;
import dev.sluice.imports.OwnTables;
import dev.sluice.imports.TableColumn;

/// Rows of a table of one's own as CSV, line by line. Not safe for use by many threads.
public final class TableRowsCsv {
    private final CsvLine line = new CsvLine();

    /// The line of names above them.
    public String head(OwnTable table) {
        line.plain("_id").plain("_import").plain("_line");
        for (TableColumn column : table.columns()) {
            line.plain(column.name());
        }
        return line.end();
    }

    public String line(OwnTables.Row row) {
        line.plain(row.id()).plain(row.job()).plain(row.row().line());
        for (Object value : row.row().values()) {
            if (value instanceof String text) {
                line.text(text);
            } else {
                line.plain(value == null ? null : TableRowDocument.shown(value));
            }
        }
        return line.end();
    }
}
