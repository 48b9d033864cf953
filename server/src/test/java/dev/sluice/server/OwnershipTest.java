package dev.sluice.server;

import static dev.sluice.server.BankFiles.file;
import static dev.sluice.server.BankFiles.rows;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.server.TestingServer.Answer;
import dev.sluice.server.TestingServer.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Somebody else's things look as those do that there are not, at every route that the API's document has.
@Timeout(180)
class OwnershipTest {
    /// What is answered to whoever asks.
    private static final Set<String> PUBLIC = Set.of(
            "GET /",
            "GET /health",
            "GET /health/live",
            "GET /health/ready",
            "GET /openapi.json",
            "GET /docs",
            "GET /docs/{file}",
            "GET /setup",
            "GET /api/v1/auth",
            "POST /api/v1/auth/login",
            "POST /api/v1/auth/setup",
            "GET /api/v1/auth/oidc/login",
            "GET /api/v1/auth/oidc/callback",
            "GET /d/{id}/{file}",
            "HEAD /d/{id}/{file}",
            "OPTIONS /files",
            "OPTIONS /files/{id}");

    /// What those take that need a body; the others get none.
    private static final Map<String, String> BODIES = Map.of(
            "POST /api/v1/jobs/{id}/move", "{\"position\":1}",
            "POST /api/v1/cli/move/{id}", "{\"position\":1}",
            "PATCH /api/v1/transactions/{id}", "{\"category\":\"Groceries\"}",
            "PATCH /api/v1/users/{name}", "{\"disabled\":true}",
            "POST /api/v1/links", "{\"job\":\"ID\"}",
            "PATCH /api/v1/notifications/webhooks/{id}", "{\"enabled\":true}",
            "POST /api/v1/storages/{name}/accounts", "{\"grant\":\"x\"}");

    @TempDir
    Path folder;

    private final JsonNode document = read();
    private Population people;
    private TestingServer server;

    @BeforeEach
    void start() throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.writeString(root.resolve("a.txt"), "a");
        people = new Population(
                Files.createDirectory(folder.resolve("data")),
                Map.of("files.roots", root.toString(), "upload.max-files", "50"));
        server = people.server;
    }

    @AfterEach
    void stop() {
        people.close();
    }

    private static JsonNode read() {
        try (InputStream in = OwnershipTest.class.getResourceAsStream("/openapi.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Set<String> routes() {
        var routes = new TreeSet<String>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(method -> routes.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        return routes;
    }

    private Answer ask(String route, String id) {
        String[] words = route.split(" ", 2);
        String path = words[1].replaceAll("\\{(id|name|account|delivery)}", id).replace("{file}", "start.js");
        HttpRequest.Builder request = server.request(path)
                .method(
                        words[0],
                        BODIES.containsKey(route)
                                ? BodyPublishers.ofString(BODIES.get(route).replace("ID", id))
                                : BodyPublishers.noBody());
        if (path.startsWith("/files")) {
            request.headers("Tus-Resumable", "1.0.0");
            if (words[0].equals("PATCH")) {
                request.headers("Content-Type", "application/offset+octet-stream", "Upload-Offset", "0");
            }
        }
        return server.send(request);
    }

    @Test
    void whoHasNotLoggedInIsToldNothing() {
        var open = new TreeSet<String>();
        server.as(null);
        for (String route : routes()) {
            if (route.equals("GET /api/v1/events")) {
                server.as(null).get("/api/v1/events").problem(401, "unauthorized");
                continue;
            }
            if (ask(route, "x").status() != 401 || PUBLIC.contains(route)) {
                open.add(route);
            }
        }
        assertThat(open)
                .isEqualTo(
                        new TreeSet<>(PUBLIC.stream().filter(routes()::contains).toList()));
        server.as(null).get("/no/such/path").problem(401, "unauthorized");
    }

    /// What bert has: its ids, and what they are.
    private Map<String, String> belongings() {
        server.as(people.bert);
        var ids = new LinkedHashMap<String, String>();
        ids.put(server.uploaded("stored.txt", TestingServer.bytes(20)).id(), "stored");
        ids.put(server.announce("coming.txt", 10).id(), "coming");
        ids.put(server.batch(2, 5), "batch");
        Answer download = server.post(
                "/api/v1/download", "{\"url\":\"https://example.com/a.bin\",\"jobId\":\"berts-own-download\"}");
        assertThat(download.status()).as(download.text()).isEqualTo(202);
        ids.put("berts-own-download", "download");
        Answer operation = server.post(
                "/api/v1/operations",
                "{\"operation\":\"copy\",\"sources\":[\"a.txt\"],\"target\":\"b\",\"batch_id\":\"berts-copy\"}");
        assertThat(operation.status()).as(operation.text()).isEqualTo(202);
        ids.put(operation.json().path("id").asText(), "operation");
        ids.put("berts-copy", "operation's batch");
        server.becomes(operation.json().path("id").asText(), "completed");
        String imported = BankFiles.imported(server, file("january.csv", rows("bert", 3)));
        ids.put(imported, "import's batch");
        ids.put(BankFiles.jobs(server, imported).getFirst(), "import");
        ids.put(server.get("/api/v1/transactions").ok().at("/transactions/0/id").asText(), "transaction");
        server.send(server.request("/api/v1/profiles/berts").PUT(BodyPublishers.ofString("{\"currency\":\"EUR\"}")))
                .ok();
        ids.put("berts", "profile");
        Answer key = server.post("/api/v1/auth/keys", "{\"label\":\"k\",\"scopes\":[\"read\"]}");
        ids.put(key.json().path("id").asText(), "key");
        ids.put(server.get("/api/v1/auth/sessions").ok().at("/sessions/0/id").asText(), "session");
        Answer hook = server.post(
                "/api/v1/notifications/webhooks", "{\"url\":\"https://example.com/ends\",\"enabled\":false}");
        assertThat(hook.status()).as(hook.text()).isEqualTo(201);
        ids.put(hook.json().path("id").asText(), "webhook");
        return ids;
    }

    private String snapshot() {
        server.as(people.bert);
        var all = new ArrayList<String>();
        for (String path : List.of(
                "/api/v1/jobs",
                "/api/v1/batches",
                "/api/v1/imports",
                "/api/v1/transactions",
                "/api/v1/profiles",
                "/api/v1/auth/keys",
                "/api/v1/notifications/webhooks",
                "/api/v1/auth/sessions")) {
            JsonNode page = server.get(path).ok();
            for (String name : List.of("id", "category", "name", "undone", "cancelledBy", "enabled")) {
                all.addAll(page.findValuesAsText(name));
            }
        }
        return String.join(" ", all);
    }

    @Test
    void anothersIdLooksLikeOneThatThereIsNotAtEveryRoute() {
        Map<String, String> ids = belongings();
        String before = snapshot();
        var seen = new ArrayList<String>();
        for (String route : routes()) {
            if (!route.contains("{") && !BODIES.containsKey(route)) {
                continue;
            }
            for (Map.Entry<String, String> thing : ids.entrySet()) {
                String id = thing.getKey();
                String unknown = id.matches("\\d+") ? "987654321" : id.replaceAll(".{4}$", "zzzz");
                server.as(people.carl);
                Answer theirs = ask(route, id);
                Answer none = ask(route, unknown);
                assertThat(theirs.status() + " " + comparable(theirs, id))
                        .as("%s of %s", route, thing.getValue())
                        .isEqualTo(none.status() + " " + comparable(none, unknown));
            }
            if (route.startsWith("GET ") && !PUBLIC.contains(route) && route.endsWith("}")) {
                server.as(people.bert);
                if (ids.keySet().stream().anyMatch(id -> ask(route, id).status() == 200)) {
                    seen.add(route);
                }
            }
        }
        assertThat(snapshot()).isEqualTo(before);
        assertThat(seen)
                .as("what its owner sees")
                .contains(
                        "GET /api/v1/jobs/{id}",
                        "GET /api/v1/upload/{id}",
                        "GET /api/v1/batches/{id}",
                        "GET /api/v1/batch/{id}",
                        "GET /api/v1/download/{id}",
                        "GET /api/v1/download/stream/{id}",
                        "GET /api/v1/imports/{id}");
    }

    /// What an answer says, whichever id was asked for.
    private static String comparable(Answer answer, String id) {
        return (answer.text() + answer.raw().headers().map().keySet())
                .replaceAll("(?<![A-Za-z0-9])" + Pattern.quote(id) + "(?![A-Za-z0-9])", "ID");
    }

    @Test
    void listsStreamsAndFiltersShowOnesOwnOnly() throws Exception {
        Map<String, String> ids = belongings();
        server.as(people.carl);
        for (String path : List.of(
                "/api/v1/jobs",
                "/api/v1/jobs?owner=bert",
                "/api/v1/batches",
                "/api/v1/imports",
                "/api/v1/transactions",
                "/api/v1/profiles",
                "/api/v1/auth/keys",
                "/api/v1/notifications/webhooks",
                "/api/v1/auth/sessions")) {
            String text = server.get(path).ok().toString();
            ids.keySet().stream()
                    .filter(id -> id.length() > 3)
                    .forEach(id -> assertThat(text).as(path).doesNotContain(id));
        }
        for (String id : ids.keySet()) {
            assertThat(server.get("/api/v1/jobs?batch=" + id).ok().path("jobs")).isEmpty();
            assertThat(server.get("/api/v1/transactions?import=" + id).ok().path("transactions"))
                    .isEmpty();
        }
        server.get("/api/v1/transactions?owner=bert").problem(403, "forbidden");
        server.get("/api/v1/imports?owner=bert").problem(403, "forbidden");
        String named = String.join(",", ids.keySet());
        try (TestingSocket socket = server.socket("/ws/jobs?jobs=" + named, "Authorization", "Bearer " + people.carl)) {
            assertThat(socket.next().path("jobs")).isEmpty();
            server.as(people.bert).announce("more.txt", 1);
            socket.sendText("{\"type\":\"ping\"}");
            assertThat(socket.next().path("type").asText()).isEqualTo("pong");
        }
        String coming = ids.entrySet().stream()
                .filter(thing -> thing.getValue().equals("coming"))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        try (TestingSocket socket = server.socket("/ws/upload/" + coming, "Authorization", "Bearer " + people.carl)) {
            assertThat(socket.end().reason()).isEqualTo("File ID not found");
        }
        try (TestingSocket socket =
                server.socket("/ws/download/berts-own-download", "Authorization", "Bearer " + people.carl)) {
            socket.sendText("ping");
            assertThat(socket.next().path("type").asText()).isEqualTo("pong");
        }
    }

    @Test
    void nothingJoinsAnothersBatch() {
        String batch = server.as(people.bert).batch(1, 5);
        server.as(people.carl);
        String metadata = "filename YS50eHQ=,batch "
                + java.util.Base64.getEncoder().encodeToString(batch.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        server.send(server.request("/files")
                        .headers("Tus-Resumable", "1.0.0", "Upload-Length", "1", "Upload-Metadata", metadata)
                        .POST(BodyPublishers.noBody()))
                .problem(404, "not_found");
    }

    @Test
    void ofDownloadsThatAreStoredOnlyTheLinkIsForOthers() {
        File stored = server.as(people.bert).uploaded("stored.txt", TestingServer.bytes(20));
        server.as(people.carl).get("/api/v1/download/stream/" + stored.id()).problem(404, "not_found");
        JsonNode link = server.as(people.bert)
                .post("/api/v1/links", "{\"job\":\"" + stored.id() + "\",\"expiresIn\":60}")
                .json();
        String path = link.path("url").asText().replaceFirst("https?://[^/]+", "");
        assertThat(server.as(null).get(path).bytes()).hasSize(20);
        server.get(path.replaceFirst("signature=..", "signature=00")).problem(403, "forbidden");
        server.as(people.carl)
                .delete("/api/v1/links/" + link.path("id").asText())
                .problem(404, "not_found");
        assertThat(server.as(people.bert)
                        .delete("/api/v1/links/" + link.path("id").asText())
                        .status())
                .isEqualTo(204);
        server.as(null).get(path).problem(410, "gone");
    }
}
