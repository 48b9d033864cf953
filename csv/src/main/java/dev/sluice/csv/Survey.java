package dev.sluice.csv;

import java.util.List;

/// What a file has shown when all of it was read once.
///
/// @param size of the file in bytes
/// @param tableLine where the table begins, with its header where it has one, from 1: what stands above is no part
/// @param tableOffset the same, in bytes
/// @param header whether the first record of the table names the columns
/// @param records how many there are below the header and above the footer: exact
/// @param footer how many records at the end are no part of the table
/// @param uneven how many of the records have another number of fields than there are columns
/// @param confidence that the dialect is right, from 0 to 1
/// @param alternatives to the dialect, the likeliest first
public record Survey(
        long size,
        Encoding encoding,
        Dialect dialect,
        long tableLine,
        long tableOffset,
        boolean header,
        List<Column> columns,
        long records,
        long footer,
        long uneven,
        double confidence,
        List<Dialect> alternatives,
        List<Warning> warnings) {
    public Survey {
        columns = List.copyOf(columns);
        alternatives = List.copyOf(alternatives);
        warnings = List.copyOf(warnings);
    }
}
