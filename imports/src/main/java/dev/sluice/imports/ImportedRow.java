package dev.sluice.imports;

/// What a record of a file came to.
public sealed interface ImportedRow permits BookedRow, TableRow, Reject {
    /// In which line of the file it begins, from 1.
    long line();
}
