package dev.sluice.server;

import dev.sluice.app.ConfiguredStorage;
import dev.sluice.app.Settings;
import dev.sluice.wire.StorageListDocument;
import dev.sluice.wire.TextTables;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.file.Path;

/// Where files can go.
final class StorageRoutes {
    private final Settings settings;
    private final Path folder;

    /// @param folder the data folder
    StorageRoutes(Settings settings, Path folder) {
        this.settings = settings;
        this.folder = folder;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/storages", this::list);
    }

    private void list(Context request) {
        var document = new StorageListDocument(ConfiguredStorage.all(settings, folder).stream()
                .map(storage -> new StorageListDocument.Storage(
                        storage.name(), storage.kind(), storage.standard(), storage.place()))
                .toList());
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.storages(document.storages()));
        } else {
            Routes.json(request, document);
        }
    }
}
