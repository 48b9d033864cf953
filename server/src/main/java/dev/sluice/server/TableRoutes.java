package dev.sluice.server;

import dev.sluice.core.Owner;
import dev.sluice.imports.OwnTable;
import dev.sluice.imports.OwnTables;
import dev.sluice.wire.TableDocument;
import dev.sluice.wire.TableListDocument;
import dev.sluice.wire.TableRowsDocument;
import dev.sluice.wire.TextTables;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tables of one's own, and their rows. As CSV see [CsvExport].
final class TableRoutes {
    private static final String PATH = "/api/v1/tables";
    private static final String ROWS = "/rows";

    private final OwnTables tables;
    private final ImportFilter filter;

    TableRoutes(OwnTables tables, ImportFilter filter) {
        this.tables = tables;
        this.filter = filter;
    }

    void add(RoutesConfig routes) {
        routes.get(PATH, this::list);
        routes.get(PATH + "/{name}", this::one);
        routes.get(PATH + "/{name}" + ROWS, this::rows);
    }

    /// The table whose rows a path names; null: it names none.
    static @Nullable String nameOfRows(String path) {
        if (!path.startsWith(PATH + "/") || !path.endsWith(ROWS)) {
            return null;
        }
        String name = path.substring(PATH.length() + 1, path.length() - ROWS.length());
        return name.contains("/") ? null : name;
    }

    private void list(Context request) {
        List<TableDocument> all =
                tables.list(owner(request).name()).stream().map(this::document).toList();
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.tables(all));
        } else {
            Routes.json(request, new TableListDocument(all));
        }
    }

    private void one(Context request) {
        Routes.json(request, document(existing(request)));
    }

    private TableDocument document(OwnTable table) {
        return TableDocument.of(table, tables.count(table));
    }

    private static Owner owner(Context request) {
        return Access.meant(Routes.core(request), request.queryParam("owner"));
    }

    private OwnTable existing(Context request) {
        return tables.existing(owner(request).name(), request.pathParam("name"));
    }

    private void rows(Context request) {
        request.header("Vary", "Accept");
        OwnTable table = existing(request);
        int limit = ImportFilter.limit(request.queryParam("limit"));
        Long after = ImportFilter.number(request.queryParam("after"));
        List<OwnTables.Row> found = tables.rows(
                table,
                filter.imports(Routes.core(request), owner(request), request.queryParam("import")),
                after == null ? 0 : after,
                limit + 1);
        Routes.json(request, TableRowsDocument.of(table, found, limit));
    }
}
