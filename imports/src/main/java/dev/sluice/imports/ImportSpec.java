package dev.sluice.imports;

import org.jspecify.annotations.Nullable;

/// One file to be imported.
///
/// @param size in bytes
/// @param account to which its rows belong where they do not say so themselves
/// @param currency of amounts that name none, as ISO 4217; `XXX`: not known
/// @param profile how its columns are to be read, by name; null: as they are understood
public record ImportSpec(
        String filename,
        long size,
        String account,
        String currency,
        @Nullable String profile) {}
