package dev.sluice.imports;

import dev.sluice.csv.CsvRow;
import org.jspecify.annotations.Nullable;

/// A record is none of those that a file should have. Without a stack trace: there may be many.
final class Rejected extends Exception {
    private static final long serialVersionUID = 1L;

    final @Nullable String column;
    final String code;
    final String message;

    Rejected(@Nullable String column, String code, String message) {
        super(message, null, false, false);
        this.column = column;
        this.code = code;
        this.message = message;
    }

    /// @throws Rejected where a record has not as many fields as the table has columns; empty ones at its end do not
    ///     count
    static void unlessComplete(CsvRow record, int columns) throws Rejected {
        boolean fits = record.size() >= columns;
        for (int i = columns; i < record.size() && fits; i++) {
            fits = record.blank(i);
        }
        if (!fits) {
            throw new Rejected(
                    null,
                    "wrong_field_count",
                    "the record has " + record.size() + " fields, the table has " + columns + " columns");
        }
    }
}
