package dev.sluice.imports;

import dev.sluice.csv.CsvRow;

/// Makes of each record what it is to become. It may know those before: each pass over a file has one of its own. Used
/// by one thread.
interface RowMaker {
    /// @throws Rejected where the record is wrong
    ImportedRow row(CsvRow record) throws Rejected;
}
