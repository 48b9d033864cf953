package dev.sluice.imports;

import dev.sluice.core.JobId;
import dev.sluice.scan.StoredVerdict;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An import whose rows are there.
///
/// @param number of its own, as its rows know it
/// @param size of the file, in bytes
/// @param sha256 of the file, as hexadecimal digits
/// @param records of the file: those that were added, were there already, and were rejected
/// @param firstRow the ids that its rows may have, from here
/// @param lastRow to here; less than `firstRow` where there are none
/// @param undone when its rows were taken back; null where they were not
/// @param reading a digest of how the file was read
/// @param table in which its rows are; null: they are transactions
/// @param scan who looked at the file, and what they saw; null where that was not kept
public record Imported(
        long number,
        JobId job,
        String owner,
        String account,
        String filename,
        long size,
        String sha256,
        long records,
        long added,
        long duplicates,
        long rejected,
        long firstRow,
        long lastRow,
        Instant created,
        @Nullable Instant undone,
        String reading,
        @Nullable OwnTable table,
        @Nullable StoredVerdict scan) {}
