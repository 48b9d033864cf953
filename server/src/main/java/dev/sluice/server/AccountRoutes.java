package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Outcome;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import dev.sluice.wire.AccountDocument;
import dev.sluice.wire.ConnectRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

/// The accounts of storages, which are given and taken away through the socket in the data folder only: what comes
/// by the network is never a secret of a provider.
final class AccountRoutes {
    private final Storages storages;

    AccountRoutes(Storages storages) {
        this.storages = storages;
    }

    void add(RoutesConfig routes) {
        routes.post("/api/v1/storages/{name}/accounts", this::connect);
        routes.delete("/api/v1/storages/{name}/accounts/{account}", this::disconnect);
    }

    private void connect(Context request) {
        requireOurUser(request);
        Storage storage = storage(request);
        ConnectRequest asked = ConnectRequest.parse(request.bodyAsBytes());
        Routes.json(request, AccountDocument.of(on(storage, () -> storage.connect(asked.grant()))));
    }

    private void disconnect(Context request) {
        requireOurUser(request);
        Storage storage = storage(request);
        String account = request.pathParam("account");
        on(storage, () -> {
            storage.disconnect(account);
            return account;
        });
        request.status(204);
    }

    private static void requireOurUser(Context request) {
        if (!Guard.isOurUser(ServletContextRequest.getServletContextRequest(request.req()))) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN, "accounts are connected on this machine only: `sluice storage connect`");
        }
    }

    private Storage storage(Context request) {
        String name = request.pathParam("name");
        Storage storage = storages.all().get(name);
        if (storage == null) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no storage \"" + name + "\"");
        }
        return storage;
    }

    /// Runs where the storage wants to be called.
    static <T> T on(Storage storage, Supplier<T> work) {
        return Outcome.of(CompletableFuture.supplyAsync(work, storage.executor()));
    }
}
