package dev.sluice.imports;

import dev.sluice.csv.Column;
import dev.sluice.csv.CsvRow;
import dev.sluice.csv.ValueReading;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes rows of a table of records: each value of its column's type. Used by one thread.
final class TableRowMaker implements RowMaker {
    private final int width;
    private final List<Cell> cells = new ArrayList<>();
    private final @Nullable Keys keys;

    /// @param reading without problems
    TableRowMaker(TableReading reading) {
        width = reading.survey().columns().size();
        for (int i = 0; i < reading.sources().size(); i++) {
            TableColumn into = reading.table().columns().get(i);
            Column source = reading.sources().get(i);
            cells.add(new Cell(
                    into, source, source == null ? null : new ValueReading(into.kept(), source, reading.zone())));
        }
        keys = reading.hasKey() ? new Keys(reading.table()) : null;
    }

    /// @param source null: the file has no such column
    private record Cell(
            TableColumn into,
            @Nullable Column source,
            @Nullable ValueReading reading) {
        @Nullable
        Object of(CsvRow record) throws Rejected {
            if (source == null || reading == null) {
                return null;
            }
            int field = source.index();
            if (record.blank(field)) {
                if (into.required()) {
                    throw new Rejected(
                            source.name(), "missing_value", "there is no value, and '" + into.name() + "' needs one");
                }
                return null;
            }
            return reading.read(record, field)
                    .orElseThrow(() -> new Rejected(
                            source.name(),
                            "invalid_" + into.type(),
                            "'" + record.text(field) + "' is no " + into.type() + pattern(source)));
        }

        private static String pattern(Column source) {
            return source.datePattern() == null ? "" : " as in " + source.datePattern();
        }
    }

    /// Knows rows whose key is taken by another: such a one would be lost in silence. The same row again is none.
    private static final class Keys {
        private final TablePrints keys;
        private final TablePrints all;
        private final Occurrences seenKeys = new Occurrences();
        private final Occurrences seenRows = new Occurrences();

        Keys(OwnTable table) {
            keys = new TablePrints(table, TableColumn::key);
            all = new TablePrints(table, column -> true);
        }

        boolean isTaken(TableRow row) {
            int ofKey = seenKeys.next(keys.apply(row).low());
            int ofRow = seenRows.next(all.apply(row).low());
            return ofKey > 1 && ofRow == 1;
        }
    }

    @Override
    public TableRow row(CsvRow record) throws Rejected {
        Rejected.unlessComplete(record, width);
        var values = new ArrayList<@Nullable Object>(cells.size());
        for (Cell cell : cells) {
            values.add(cell.of(record));
        }
        var row = new TableRow(record.line(), values);
        if (keys != null && keys.isTaken(row)) {
            throw new Rejected(null, "repeated_key", "a row above has the same key and other values");
        }
        return row;
    }
}
