package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The server that a command talks to. It is looked up anew for every request: one that was restarted may
/// listen elsewhere.
///
/// @param url as given by `--server`; absent, the server that runs on the data folder is meant
record Server(Path data, @Nullable URI url) {
    private static final int LONGEST_SOCKET_PATH = 100;

    /// @throws ConnectException where no server runs on the data folder
    Endpoint endpoint() throws IOException {
        if (url != null) {
            return new Endpoint.Url(url, Logins.in(data).key(url).orElse(null));
        }
        var running = running();
        var socket = Path.of(
                running.path("socket").asText(data.resolve("sluice.sock").toString()));
        if (Files.exists(socket) && socket.toString().length() <= LONGEST_SOCKET_PATH) {
            return new Endpoint.Unix(socket);
        }
        if (running.hasNonNull("url")) {
            return new Endpoint.Url(URI.create(running.path("url").asText()), null);
        }
        throw new ConnectException("no server is running on " + data);
    }

    /// The address for what only the network port speaks: WebSockets.
    URI address() throws IOException {
        if (url != null) {
            return url;
        }
        var running = running();
        if (!running.hasNonNull("url")) {
            throw new ConnectException("no server is running on " + data);
        }
        return URI.create(running.path("url").asText());
    }

    private JsonNode running() throws IOException {
        var file = data.resolve("server.json");
        return Files.isReadable(file) ? Json.parse(Files.readString(file)) : Json.object();
    }

    Http.Answer get(String path) throws IOException {
        return Http.send(endpoint(), "GET", path, Map.of("Accept", "application/json"), "");
    }

    Http.Answer getText(String path) throws IOException {
        return Http.send(endpoint(), "GET", path, Map.of("Accept", "text/plain"), "");
    }

    Http.Answer post(String path, String accept) throws IOException {
        return Http.send(endpoint(), "POST", path, Map.of("Accept", accept), "");
    }

    Http.Answer postJson(String path, String accept, JsonNode body) throws IOException {
        return postJson(path, Map.of("Accept", accept), body);
    }

    Http.Answer postJson(String path, Map<String, String> headers, JsonNode body) throws IOException {
        var all = new java.util.LinkedHashMap<>(headers);
        all.putIfAbsent("Accept", "application/json");
        all.put("Content-Type", "application/json");
        return Http.send(endpoint(), "POST", path, all, body.toString());
    }

    /// What lets a WebSocket in at [#address], where the server wants to know who it is.
    String ticket() throws IOException {
        var answer = post("/api/v1/auth/websocket-token", "application/json");
        if (!answer.ok()) {
            throw Failure.of(answer);
        }
        return answer.json().path("websocket_token").asText();
    }

    Failure unreachable(IOException cause) {
        var hint = url == null
                ? "no server is running on " + data + "; start one with: sluice serve --data " + data
                : "no server answers at " + url + "; is `sluice serve` running there?";
        return new Failure(Exit.UNREACHABLE, ErrorCode.UPSTREAM_UNAVAILABLE, hint, cause);
    }
}
