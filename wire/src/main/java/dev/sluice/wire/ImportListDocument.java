package dev.sluice.wire;

import dev.sluice.imports.Imported;
import dev.sluice.imports.OwnTable;
import dev.sluice.scan.StoredVerdict;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A page of the imports whose rows are there or were, newest first.
///
/// @param next what asks for the page behind it, as `after`
public record ImportListDocument(
        List<Row> imports, @Nullable String next) {
    public ImportListDocument {
        imports = List.copyOf(imports);
    }

    /// @param id of its job
    /// @param size of the file, in bytes
    /// @param records of the file: those that were added, were there already, and were rejected
    /// @param undone when its rows were taken back
    /// @param table in which its rows are; absent: they are transactions
    /// @param scan who looked at the file, and what they saw; absent for old ones
    /// @param links paths of what can be done with it
    public record Row(
            String id,
            String account,
            String filename,
            long size,
            String sha256,
            long records,
            long added,
            long duplicates,
            long rejected,
            Instant created,
            @Nullable Instant undone,
            @Nullable String table,
            @Nullable StoredVerdict scan,
            Map<String, String> links) {
        static Row of(Imported imported) {
            return new Row(
                    imported.job().value(),
                    imported.account(),
                    imported.filename(),
                    imported.size(),
                    imported.sha256(),
                    imported.records(),
                    imported.added(),
                    imported.duplicates(),
                    imported.rejected(),
                    imported.created(),
                    imported.undone(),
                    table(imported),
                    imported.scan(),
                    links(imported));
        }

        private static @Nullable String table(Imported imported) {
            OwnTable table = imported.table();
            return table == null ? null : table.name();
        }

        private static Map<String, String> links(Imported imported) {
            String self = "/api/v1/imports/" + imported.job();
            var links = new LinkedHashMap<String, String>();
            links.put("self", self);
            links.put("rejects", self + "/rejects");
            if (imported.undone() == null) {
                OwnTable table = imported.table();
                if (table == null) {
                    links.put("transactions", "/api/v1/transactions?import=" + imported.job());
                } else {
                    links.put("rows", "/api/v1/tables/" + table.name() + "/rows?import=" + imported.job());
                }
                links.put("undo", self + "/undo");
            }
            return links;
        }
    }

    /// @param found as many as the page has and one more, where there are more
    public static ImportListDocument of(List<Imported> found, int limit) {
        List<Imported> page = found.size() > limit ? found.subList(0, limit) : found;
        return new ImportListDocument(
                page.stream().map(Row::of).toList(),
                found.size() > limit ? Long.toString(page.getLast().number()) : null);
    }
}
