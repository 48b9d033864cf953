package dev.sluice.imports;

import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an import of a file would make of it.
///
/// @param uses what becomes of each of the file's columns: a role or, in a table, the name of that which takes its
/// values
/// @param table in which its rows would go; null: they would be transactions
/// @param rows what the first records come to; empty where there are problems
/// @param warnings what a person should know before its rows are used
/// @param problems what keeps it from being imported as it is
public record Preview(
        Survey survey,
        List<String> uses,
        @Nullable OwnTable table,
        List<ImportedRow> rows,
        List<Warning> warnings,
        List<Warning> problems) {
    /// What becomes of a column of which nothing does.
    public static final String IGNORED = Reading.IGNORED;

    public Preview {
        uses = List.copyOf(uses);
        rows = List.copyOf(rows);
        warnings = List.copyOf(warnings);
        problems = List.copyOf(problems);
    }
}
