package dev.sluice.imports;

/// What has become of a file's records.
///
/// @param records of the file: those that were added, were there already, and were rejected
public record RowFacts(long records, long added, long duplicates, long rejected) {
    static RowFacts of(Imported imported) {
        return new RowFacts(imported.records(), imported.added(), imported.duplicates(), imported.rejected());
    }
}
