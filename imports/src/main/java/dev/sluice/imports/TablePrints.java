package dev.sluice.imports;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// By what rows of a table are known again: by the values of some of its columns. Used by one thread.
final class TablePrints implements Function<TableRow, Fingerprint> {
    private final OwnTable table;
    private final int[] columns;
    private final Fingerprint fingerprint;

    TablePrints(OwnTable table, Predicate<TableColumn> counts) {
        this.table = table;
        this.fingerprint = new Fingerprint(table.owner());
        this.columns = IntStream.range(0, table.columns().size())
                .filter(i -> counts.test(table.columns().get(i)))
                .toArray();
    }

    @Override
    public Fingerprint apply(TableRow row) {
        var texts = new ArrayList<@Nullable String>(columns.length);
        for (int column : columns) {
            texts.add(text(row.values().get(column)));
        }
        fingerprint.of(table.number(), texts);
        return fingerprint;
    }

    /// 1.5 and 1.50 are the same number.
    private static @Nullable String text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case BigDecimal number -> number.stripTrailingZeros().toPlainString();
            default -> OwnTable.text(value);
        };
    }
}
