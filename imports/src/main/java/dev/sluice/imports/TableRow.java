package dev.sluice.imports;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record as a row of a table of one's own.
///
/// @param line in which it begins, from 1
/// @param values in the order of the table's columns: a `String`, `Long`, [java.math.BigDecimal],
///     [java.time.LocalDate], [java.time.Instant], `Boolean` or, where there is none, null
public record TableRow(long line, List<@Nullable Object> values) implements ImportedRow {
    public TableRow {
        values = Collections.unmodifiableList(values);
    }
}
