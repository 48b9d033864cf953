package dev.sluice.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of the audit log, newest first.
///
/// @param next what `after` has to be for the next page; absent on the last one
public record AuditListDocument(
        List<Entry> entries, @Nullable String next) {
    public AuditListDocument {
        entries = List.copyOf(entries);
    }

    /// @param outcome `done`, or the code of a problem
    public record Entry(
            String id,
            Instant at,
            String who,
            String via,
            String address,
            String action,
            @Nullable String target,
            String outcome,
            @Nullable String detail) {}
}
