package dev.sluice.server;

import dev.sluice.accounts.Right;
import dev.sluice.app.ConfiguredStorage;
import dev.sluice.app.Settings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.Storages;
import dev.sluice.storage.Trial;
import dev.sluice.wire.AccountDocument;
import dev.sluice.wire.StorageListDocument;
import dev.sluice.wire.StorageTrialDocument;
import dev.sluice.wire.TextTables;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where files can go.
final class StorageRoutes {
    private final Settings settings;
    private final Path folder;
    private final Storages storages;
    private final Ids ids = new Ids(Clock.systemUTC());

    /// @param folder the data folder
    StorageRoutes(Settings settings, Path folder, Storages storages) {
        this.settings = settings;
        this.folder = folder;
        this.storages = storages;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/storages", this::list);
        routes.post("/api/v1/storages/{name}/test", this::test);
    }

    /// Writes, reads, deletes and gives up small objects there; takes as long as the storage does.
    private void test(Context request) {
        Access.require(Routes.core(request), Right.ADMIN);
        String name = request.pathParam("name");
        if (!storages.all().containsKey(name)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no storage " + name);
        }
        List<Trial.Step> steps = Trial.of(storages.named(name), ids.job().value(), new StopToken(), step -> {});
        Routes.json(request, StorageTrialDocument.of(name, steps));
    }

    private void list(Context request) {
        boolean all = Identity.of(Routes.core(request)).may(Right.ADMIN);
        var document = new StorageListDocument(ConfiguredStorage.all(settings, folder).stream()
                .map(storage -> new StorageListDocument.Storage(
                        storage.name(),
                        storage.kind(),
                        storage.standard(),
                        all ? storage.place() : null,
                        all ? accounts(storage.name()) : null))
                .toList());
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.storages(document.storages()));
        } else {
            Routes.json(request, document);
        }
    }

    private @Nullable List<AccountDocument> accounts(String name) {
        List<AccountDocument> accounts = AccountRoutes.on(storages.named(name), storages.named(name)::accounts).stream()
                .map(AccountDocument::of)
                .toList();
        return accounts.isEmpty() ? null : accounts;
    }
}
