package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import dev.sluice.server.TestingServer.File;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who is let in, as what, for how long.
@Timeout(90)
class AccountsTest {
    @TempDir
    Path folder;

    private Population people;
    private TestingServer server;

    @BeforeEach
    void start() {
        people = new Population(folder, Map.of("websocket.max-connections-per-user", "2"));
        server = people.server;
    }

    @AfterEach
    void stop() {
        people.close();
    }

    // ---- Login

    @Test
    void theLinkForTheFirstUserWorksOnce() {
        assertThat(server.server.setupLink()).isEmpty();
        server.as(null);
        server.get("/setup?token=x").problem(403, "forbidden");
        server.form("/api/v1/auth/setup", "token", "x", "username", "eve", "password", "p", "again", "p")
                .problem(403, "forbidden");
    }

    @Test
    void aLoginGivesACookieAndABearerThatServeTheSame() {
        Answer answer = server.as(null).form("/api/v1/auth/login", "username", "Bert", "password", Population.PASSWORD);
        String word = answer.ok().path("access_token").asText();
        assertThat(answer.ok().path("token_type").asText()).isEqualTo("bearer");
        assertThat(answer.ok().path("expires_in").asInt()).isBetween(43_190, 43_200);
        assertThat(answer.header("set-cookie"))
                .startsWith("sluice_session=" + word + ";")
                .contains("HttpOnly", "SameSite=Lax", "Path=/");
        assertThat(server.get("/api/v1/auth", "Cookie", "sluice_session=" + word)
                        .ok()
                        .at("/user/name")
                        .asText())
                .isEqualTo("bert");
        assertThat(server.as(word).get("/api/v1/auth").ok().at("/user/via").asText())
                .isEqualTo("session");
    }

    @Test
    void aWrongPasswordAndAnUnknownNameAreAnsweredTheSame() {
        server.as(null);
        String wrong = server.form("/api/v1/auth/login", "username", "bert", "password", "x")
                .text();
        String unknown = server.form("/api/v1/auth/login", "username", "nobody-here", "password", "x")
                .text();
        assertThat(wrong).isEqualTo(unknown).contains("unauthorized");
        server.form("/api/v1/auth/login").problem(401, "unauthorized");
    }

    @Test
    void whoFailsTooOftenIsToldWhenToComeBack() {
        server.as(null);
        for (int i = 0; i < 5; i++) {
            server.form("/api/v1/auth/login", "username", "zoe", "password", "x")
                    .problem(401, "unauthorized");
        }
        Answer answer = server.form("/api/v1/auth/login", "username", "zoe", "password", "x");
        answer.problem(429, "limit_exceeded");
        assertThat(answer.header("retry-after")).matches("[1-9][0-9]*");
    }

    @Test
    void loginsBeyondWhatIsHashedAreToldWhenToComeBack() throws Exception {
        String form = "username=bert&password=" + Population.PASSWORD.replace(' ', '+');
        HttpRequest login = server.request("/api/v1/auth/login")
                .timeout(Duration.ofSeconds(80))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 80; i++) {
                answers.add(http.sendAsync(login, BodyHandlers.ofString()));
            }
            int done = 0;
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                HttpResponse<String> come = answer.join();
                if (come.statusCode() == 200) {
                    done++;
                } else {
                    assertThat(come.statusCode()).as(come.body()).isEqualTo(429);
                    assertThat(come.headers().firstValue("retry-after")).hasValue("2");
                    assertThat(come.body()).contains("limit_exceeded");
                }
            }
            // One is hashed, sixteen wait; of those that come late some may find room again.
            assertThat(done).isBetween(1, 79);
        }
        assertThat(people.login("carl")).isNotEmpty();
    }

    @Test
    void wordsThatAreNotOursOpenNothing() {
        for (String word : List.of("x", "sls_x", "slk_x", people.bert + "x", people.ticket(people.bert))) {
            server.as(word).get("/api/v1/jobs").problem(401, "unauthorized");
            assertThat(server.get("/api/v1/jobs").header("www-authenticate")).startsWith("Bearer");
        }
        server.as(null).get("/api/v1/jobs?token=" + people.bert).problem(401, "unauthorized");
        server.as(null).get("/api/v1/events?token=" + people.bert).problem(401, "unauthorized");
    }

    @Test
    void aRequestThatPassesForASocketIsNone() {
        for (String line : List.of("POST /api/v1/upload?filename=a.txt", "GET /api/v1/jobs", "PUT /api/v1/upload/x")) {
            assertThat(server.exchange(line + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                            + "Connection: Upgrade, close\r\nContent-Length: 1\r\n\r\nx"))
                    .as(line)
                    .startsWith("HTTP/1.1 401");
        }
    }

    @Test
    void aLogoutEndsTheSessionAndARefreshItsWord() {
        server.as(people.bert);
        String next =
                server.post("/api/v1/auth/refresh").ok().path("access_token").asText();
        server.get("/api/v1/jobs").problem(401, "unauthorized");
        assertThat(server.as(next).get("/api/v1/jobs").status()).isEqualTo(200);
        Answer out = server.post("/api/v1/auth/logout");
        assertThat(out.status()).isEqualTo(204);
        assertThat(out.header("set-cookie")).startsWith("sluice_session=;").contains("Max-Age=0");
        assertThat(out.header("clear-site-data")).isEqualTo("\"cache\", \"storage\"");
        server.get("/api/v1/jobs").problem(401, "unauthorized");
        server.post("/api/v1/auth/refresh").problem(401, "unauthorized");
    }

    @Test
    void aNewPasswordEndsOtherSessions() {
        String other = people.login("carl");
        server.as(people.carl)
                .post("/api/v1/auth/password", "{\"current\":\"wrong\",\"password\":\"something else 1\"}")
                .problem(401, "unauthorized");
        assertThat(server.post(
                                "/api/v1/auth/password",
                                "{\"current\":\"" + Population.PASSWORD + "\",\"password\":\"something else 1\"}")
                        .status())
                .isEqualTo(204);
        assertThat(server.get("/api/v1/jobs").status()).isEqualTo(200);
        server.as(other).get("/api/v1/jobs").problem(401, "unauthorized");
    }

    // ---- Rights

    @Test
    void aViewerLooksAndChangesNothing() {
        server.as(people.vera);
        assertThat(server.get("/api/v1/jobs").ok().path("jobs")).isEmpty();
        server.post("/api/v1/upload/initiate", TestingServer.initiation("a.txt", 1))
                .problem(403, "forbidden");
        server.postRaw("a.txt", TestingServer.bytes(10)).problem(403, "forbidden");
        server.post("/api/v1/download", "{\"url\":\"https://example.com/x\"}").problem(403, "forbidden");
        Answer tus = server.send(server.request("/files")
                .headers("Tus-Resumable", "1.0.0", "X-HTTP-Method-Override", "POST", "Upload-Length", "1")
                .GET());
        tus.problem(403, "forbidden");
        assertThat(server.post("/api/v1/auth/websocket-token").status()).isEqualTo(200);
        try (TestingSocket socket = server.socket("/ws/upload/x", "Authorization", "Bearer " + people.vera)) {
            assertThat(socket.end().code()).isEqualTo(1008);
        }
    }

    @Test
    void usersFiguresAndTheLogAreForAdmins() {
        server.as(people.bert);
        server.get("/api/v1/users").problem(403, "forbidden");
        server.post("/api/v1/users", "{}").problem(403, "forbidden");
        server.send(server.request("/api/v1/users/bert")
                        .method("PATCH", BodyPublishers.ofString("{\"role\":\"admin\"}")))
                .problem(403, "forbidden");
        server.get("/api/v1/audit").problem(403, "forbidden");
        server.get("/metrics").problem(403, "forbidden");
        assertThat(server.get("/api/v1/status").ok().has("jobs")).isFalse();
        assertThat(server.get("/api/v1/storages").text()).doesNotContain(folder.toString());
        server.as(people.anna);
        assertThat(server.get("/api/v1/users").ok().path("users")).hasSize(4);
        assertThat(server.get("/metrics").status()).isEqualTo(200);
        assertThat(server.get("/api/v1/status").ok().has("jobs")).isTrue();
        assertThat(server.get("/api/v1/storages").text()).contains(folder.toString());
    }

    @Test
    void aDisabledUserIsOutAtOnce() {
        assertThat(server.as(people.anna)
                        .send(server.request("/api/v1/users/carl")
                                .method("PATCH", BodyPublishers.ofString("{\"disabled\":true}")))
                        .ok()
                        .path("disabled")
                        .asText())
                .isNotEmpty();
        server.as(people.carl).get("/api/v1/jobs").problem(401, "unauthorized");
        server.as(null)
                .form("/api/v1/auth/login", "username", "carl", "password", Population.PASSWORD)
                .problem(401, "unauthorized");
    }

    @Test
    void aKeyDoesWhatItsScopesSayAndMakesNoOther() {
        server.as(people.bert);
        Answer made = server.post("/api/v1/auth/keys", "{\"label\":\"backup\",\"scopes\":[\"read\"],\"expiresIn\":60}");
        assertThat(made.status()).isEqualTo(201);
        String key = made.json().path("key").asText();
        assertThat(server.get("/api/v1/auth/keys").text()).doesNotContain(key).contains("backup");
        server.as(key);
        assertThat(server.get("/api/v1/jobs").status()).isEqualTo(200);
        server.post("/api/v1/upload/initiate", TestingServer.initiation("a.txt", 1))
                .problem(403, "forbidden");
        server.post("/api/v1/auth/keys", "{\"label\":\"x\",\"scopes\":[\"admin\"]}")
                .problem(403, "forbidden");
        server.as(people.carl)
                .delete("/api/v1/auth/keys/" + made.json().path("id").asText())
                .problem(404, "not_found");
        assertThat(server.as(people.bert)
                        .delete("/api/v1/auth/keys/" + made.json().path("id").asText())
                        .status())
                .isEqualTo(204);
        server.as(key).get("/api/v1/jobs").problem(401, "unauthorized");
    }

    @Test
    void anAdminSeesAndStopsEverybodysAndThatIsWrittenDown() {
        File file = server.as(people.bert).announce("berts.txt", 10);
        server.as(people.anna);
        assertThat(server.get("/api/v1/jobs").text()).contains(file.id());
        assertThat(server.get("/api/v1/jobs?owner=carl").text()).doesNotContain(file.id());
        server.get("/api/v1/jobs/" + file.id()).ok();
        server.post("/api/v1/jobs/" + file.id() + "/cancel").ok();
        assertThat(server.job(file.id()).path("cancelledBy").asText()).isEqualTo("admin");
        JsonNode log = server.get("/api/v1/audit?who=anna").ok().path("entries");
        assertThat(log.valueStream()
                        .filter(entry -> entry.path("action").asText().equals("admin_access")))
                .anySatisfy(entry -> {
                    assertThat(entry.path("target").asText()).isEqualTo("GET /api/v1/jobs/" + file.id());
                    assertThat(entry.path("detail").asText()).isEqualTo("bert");
                });
        assertThat(log.valueStream()
                        .filter(entry -> entry.path("action").asText().equals("cancel")))
                .singleElement()
                .satisfies(entry -> assertThat(entry.path("detail").asText()).isEqualTo("bert"));
    }

    @Test
    void whatLooksLikeSqlIsTextToTheDatabase() {
        String sql = "x' OR '1'='1";
        String encoded = URLEncoder.encode(sql, StandardCharsets.UTF_8);
        server.as(null)
                .form("/api/v1/auth/login", "username", sql, "password", sql)
                .problem(401, "unauthorized");
        server.as(sql).get("/api/v1/jobs").problem(401, "unauthorized");
        server.as(people.bert).announce("berts.txt", 1);
        assertThat(server.get("/api/v1/jobs?q=" + encoded).ok().path("jobs")).isEmpty();
        assertThat(server.get("/api/v1/jobs?q=berts").ok().path("jobs")).hasSize(1);
        assertThat(server.get("/api/v1/transactions?q=" + encoded).ok().path("transactions"))
                .isEmpty();
        assertThat(server.as(people.anna)
                        .get("/api/v1/audit?who=" + encoded)
                        .ok()
                        .path("entries"))
                .hasSize(1);
    }

    // ---- Sockets

    @Test
    void aSocketWithoutAGoodTokenIsClosedWith1008() {
        for (String path : List.of(
                "/ws/jobs",
                "/ws/upload-progress/b1",
                "/ws/upload-progress/b1?token=x",
                "/ws/operations",
                "/ws/download/x",
                "/ws/upload/x",
                "/ws_api/upload/x?gdrive_url=x")) {
            try (TestingSocket socket = server.socket(path)) {
                assertThat(socket.status).as(path).isEqualTo(101);
                assertThat(socket.end().code()).as(path).isEqualTo(1008);
            }
        }
    }

    @Test
    void aTicketOpensOnePathOnceAndAgainWhenThatIsGone() {
        String path = "/ws/upload-progress/b1?token=" + people.ticket(people.bert);
        try (TestingSocket first = server.socket(path)) {
            assertThat(first.next().path("status").asText()).isEqualTo("connected");
            try (TestingSocket second = server.socket(path)) {
                assertThat(second.end().reason()).isEqualTo("this token is used up");
            }
        }
        await().ignoreExceptions().untilAsserted(() -> {
            try (TestingSocket again = server.socket(path)) {
                assertThat(again.next().path("status").asText()).isEqualTo("connected");
            }
        });
        try (TestingSocket elsewhere = server.socket(path.replace("b1", "b2"))) {
            assertThat(elsewhere.end().code()).isEqualTo(1008);
        }
    }

    @Test
    void ofManyWhoUseOneTicketAtOnceOneWins() throws Exception {
        String path = "/ws/upload-progress/b1?token=" + people.ticket(people.bert);
        var go = new CountDownLatch(1);
        var done = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tries = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < 20; i++) {
                tries.add(threads.submit(() -> {
                    go.await();
                    try (TestingSocket socket = server.socket(path)) {
                        boolean won = isGreeted(socket);
                        if (won) {
                            done.await();
                        }
                        return won;
                    }
                }));
            }
            go.countDown();
            await().until(() -> tries.stream().filter(Future::isDone).count() == 19);
            done.countDown();
            int won = 0;
            for (Future<Boolean> one : tries) {
                won += one.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
        }
    }

    private static boolean isGreeted(TestingSocket socket) {
        try {
            return socket.next().path("status").asText().equals("connected");
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    @Test
    void aSessionThatEndsClosesItsSocketsWith4401() {
        try (TestingSocket watching = server.socket("/ws/jobs", "Cookie", "sluice_session=" + people.carl);
                TestingSocket importing = server.socket("/ws/upload-progress/b1?token=" + people.ticket(people.carl));
                TestingSocket other = server.socket("/ws/jobs", "Authorization", "Bearer " + people.bert)) {
            watching.next();
            importing.next();
            other.next();
            server.as(people.carl).post("/api/v1/auth/logout");
            assertThat(watching.end().code()).isEqualTo(4401);
            assertThat(importing.end().code()).isEqualTo(4401);
            other.sendText("{\"type\":\"ping\"}");
            assertThat(other.next().path("type").asText()).isEqualTo("pong");
        }
    }

    @Test
    void aTicketOfASessionThatHasEndedIsAnsweredWith4401() {
        String ticket = people.ticket(people.carl);
        server.as(people.carl).post("/api/v1/auth/logout");
        try (TestingSocket socket = server.socket("/ws/upload-progress/b1?token=" + ticket)) {
            assertThat(socket.end().code()).isEqualTo(4401);
        }
    }

    @Test
    void aUserHasOnlySoManySocketsAndWhoTheyAreIsToldToAdmins() {
        String bearer = "Bearer " + people.bert;
        try (TestingSocket one = server.socket("/ws/upload-progress/a", "Authorization", bearer);
                TestingSocket two = server.socket("/ws/upload-progress/b", "Authorization", bearer)) {
            one.next();
            two.next();
            try (TestingSocket three = server.socket("/ws/upload-progress/c", "Authorization", bearer)) {
                assertThat(three.end().code()).isEqualTo(1008);
            }
            JsonNode mine =
                    server.as(people.carl).get("/api/v1/websocket/status").ok();
            assertThat(mine.at("/manager_stats/total_connections").asInt()).isEqualTo(2);
            assertThat(mine.at("/manager_stats/connections_per_user")).isEmpty();
            JsonNode all =
                    server.as(people.anna).get("/api/v1/websocket/status").ok();
            assertThat(all.at("/manager_stats/connections_per_user/bert").asInt())
                    .isEqualTo(2);
        }
    }

    // ---- The audit log

    @Test
    void whatWasDoneIsInTheLogAndNoSecretIs() {
        String ticket = people.ticket(people.bert);
        try (TestingSocket socket = server.socket("/ws/upload-progress/b1?token=" + ticket)) {
            socket.next();
        }
        server.as(null).form("/api/v1/auth/login", "username", "mallory", "password", "guessing-guessing");
        server.as(null).get("/api/v1/jobs");
        server.as(people.anna);
        await().untilAsserted(() -> assertThat(
                        server.get("/api/v1/audit?action=socket_closed").ok().path("entries"))
                .hasSize(1));
        JsonNode all = server.get("/api/v1/audit?limit=1000").ok().path("entries");
        assertThat(all.valueStream()
                        .map(entry -> entry.path("who").asText() + " "
                                + entry.path("action").asText() + " "
                                + entry.path("outcome").asText()))
                .contains(
                        "anna login done",
                        "anna user_changed done",
                        "bert ticket done",
                        "bert socket_opened done",
                        "mallory login unauthorized",
                        "nobody refused unauthorized");
        assertThat(all.toString()).doesNotContain(ticket, Population.PASSWORD, "guessing-guessing", people.bert);
        JsonNode page = server.get("/api/v1/audit?limit=2").ok();
        assertThat(page.path("entries")).hasSize(2);
        assertThat(server.get("/api/v1/audit?limit=2&after=" + page.path("next").asText())
                        .ok()
                        .path("entries"))
                .hasSize(2)
                .doesNotContainAnyElementsOf(page.path("entries"));
        server.get("/api/v1/audit?since=yesterday").problem(400, "invalid_request");
    }
}
