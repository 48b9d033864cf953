package dev.sluice.imports;

import org.jspecify.annotations.Nullable;

/// A record that is no transaction, and why.
///
/// @param line in which it begins, from 1
/// @param offset where that line begins, in bytes
/// @param column the name of the one that is wrong; null: the record as a whole
/// @param code stable, in snake case
/// @param raw the record as it stands in the file, without its line end
public record Reject(long line, long offset, @Nullable String column, String code, String message, String raw)
        implements ImportedRow {}
