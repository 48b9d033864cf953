package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.imports.OwnTable;
import dev.sluice.imports.OwnTables;
import dev.sluice.imports.TableRow;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/// A row of a table of one's own.
///
/// @param job the import that brought it
/// @param line of its file, from 1
/// @param values by the columns' names, those that there are: decimals, days and points in time as texts, exactly
public record TableRowDocument(
        long id, @JsonProperty("import") String job, long line, Map<String, Object> values) {
    public static TableRowDocument of(OwnTable table, OwnTables.Row row) {
        return new TableRowDocument(row.id(), row.job(), row.row().line(), values(table, row.row()));
    }

    static Map<String, Object> values(OwnTable table, TableRow row) {
        var values = new LinkedHashMap<String, Object>();
        for (int i = 0; i < row.values().size(); i++) {
            Object value = row.values().get(i);
            if (value != null) {
                values.put(table.columns().get(i).name(), shown(value));
            }
        }
        return values;
    }

    /// Whole numbers and what is true or not as JSON has them.
    static Object shown(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean is -> is;
            case BigDecimal number -> number.toPlainString();
            default -> value.toString();
        };
    }
}
