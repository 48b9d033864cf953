package dev.sluice.server;

import dev.sluice.wire.LoginAnswer;
import dev.sluice.wire.WebsocketStatusDocument;
import dev.sluice.wire.WebsocketTokenAnswer;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/// What front ends with a login ask for before they do anything. There are no accounts: everybody who gets in is the
/// local owner, whatever is sent, and the words that are handed out open nothing and are looked at by nobody. Wire
/// contract §3.
final class LoginRoutes {
    private static final Duration SESSION = Duration.ofHours(12);
    private static final Duration TOKEN = Duration.ofMinutes(5);
    private static final int WORD_BYTES = 16;

    private final ImportSockets sockets;
    private final SecureRandom random = new SecureRandom();

    LoginRoutes(ImportSockets sockets) {
        this.sockets = sockets;
    }

    void add(RoutesConfig routes) {
        routes.post("/api/v1/auth/login", this::login);
        routes.post("/api/v1/auth/websocket-token", this::token);
        routes.get("/api/v1/websocket/status", this::status);
    }

    private void login(Context request) {
        String word = word();
        request.header(
                "Set-Cookie",
                "sluice_session=" + word + "; Path=/; Max-Age=" + SESSION.toSeconds() + "; HttpOnly; SameSite=Lax");
        request.header("Cache-Control", "no-store");
        Routes.json(request, new LoginAnswer(word, SESSION.toSeconds()));
    }

    private void token(Context request) {
        request.header("Cache-Control", "no-store");
        Routes.json(request, new WebsocketTokenAnswer(word(), TOKEN.toSeconds()));
    }

    private String word() {
        var bytes = new byte[WORD_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private void status(Context request) {
        Routes.json(request, WebsocketStatusDocument.of(sockets.enabled(), sockets.stats()));
    }
}
