package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// A server with accounts, and some who have logged in: `anna`, an admin; `bert` and `carl`, users; `vera`, a viewer.
final class Population implements AutoCloseable {
    static final String PASSWORD = "correct horse battery staple";

    final TestingServer server;
    final String anna;
    final String bert;
    final String carl;
    final String vera;

    Population(Path folder, Map<String, String> settings) {
        var all = new HashMap<>(settings);
        all.put("auth.mode", "accounts");
        server = new TestingServer(folder, all);
        String link = server.server.setupLink().orElseThrow();
        anna = server.form(
                        "/api/v1/auth/setup",
                        "token",
                        link.substring(link.indexOf('=') + 1),
                        "username",
                        "anna",
                        "password",
                        PASSWORD,
                        "again",
                        PASSWORD)
                .ok()
                .path("access_token")
                .asText();
        bert = user("bert", "user");
        carl = user("carl", "user");
        vera = user("vera", "viewer");
    }

    private String user(String name, String role) {
        var body = TestingServer.JSON
                .createObjectNode()
                .put("name", name)
                .put("role", role)
                .put("password", PASSWORD);
        assertThat(server.as(anna).post("/api/v1/users", body.toString()).status())
                .isEqualTo(201);
        return login(name);
    }

    String login(String name) {
        return server.as(null)
                .form("/api/v1/auth/login", "username", name, "password", PASSWORD)
                .ok()
                .path("access_token")
                .asText();
    }

    String ticket(String bearer) {
        return Objects.requireNonNull(server.as(bearer)
                .post("/api/v1/auth/websocket-token")
                .ok()
                .path("websocket_token")
                .asText());
    }

    @Override
    public void close() {
        server.close();
    }
}
