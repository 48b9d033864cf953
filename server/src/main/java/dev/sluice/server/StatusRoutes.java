package dev.sluice.server;

import dev.sluice.accounts.Right;
import dev.sluice.wire.WebsocketStatusDocument;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/// How many watch imports. Wire contract §3.
final class StatusRoutes {
    private final ImportSockets sockets;

    StatusRoutes(ImportSockets sockets) {
        this.sockets = sockets;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/websocket/status", this::status);
    }

    /// Who they are is for admins.
    private void status(Context request) {
        boolean named = Identity.of(Routes.core(request)).may(Right.ADMIN);
        Routes.json(request, WebsocketStatusDocument.of(sockets.enabled(), sockets.stats(named)));
    }
}
