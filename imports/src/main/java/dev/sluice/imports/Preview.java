package dev.sluice.imports;

import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.util.List;

/// What an import of a file would make of it.
///
/// @param mapping with its problems, where the file could not be imported as it is
/// @param rows what the first records come to; empty where there are problems
/// @param warnings what a person should know before its rows are used
public record Preview(Survey survey, Mapping mapping, List<ImportedRow> rows, List<Warning> warnings) {
    public Preview {
        rows = List.copyOf(rows);
        warnings = List.copyOf(warnings);
    }
}
