package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.sluice.server.TestingServer.Answer;
import dev.sluice.testing.TestingIssuer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Logins by an issuer that takes nothing that it need not take, in a browser and by tokens.
@Timeout(90)
class IssuerLoginTest {
    private static final String LOGIN = "/api/v1/auth/oidc/login";
    private static final String CALLBACK = "/api/v1/auth/oidc/callback";

    @TempDir
    Path folder;

    private final TestingIssuer issuer = new TestingIssuer(Clock.systemUTC());
    private final HttpClient http = HttpClient.newHttpClient();
    private TestingServer server;

    @BeforeEach
    void start() throws IOException {
        issuer.person(Map.of("sub", "7", "preferred_username", "jane"));
        serve(Map.of("auth.oidc.role", "user"));
    }

    @AfterEach
    void stop() {
        server.close();
        issuer.close();
        http.close();
    }

    private void serve(Map<String, String> more) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), TestingIssuer.SECRET + "\n");
        var settings = new HashMap<String, String>();
        settings.put("auth.mode", "accounts");
        settings.put("auth.oidc.issuer", issuer.uri().toString());
        settings.put("auth.oidc.client-id", TestingIssuer.CLIENT);
        settings.put("auth.oidc.client-secret-file", secret.toString());
        settings.putAll(more);
        server = new TestingServer(folder.resolve("data"), settings);
        issuer.redirect(server.uri + CALLBACK);
    }

    private void again(Map<String, String> more) throws IOException {
        server.close();
        serve(more);
    }

    /// What a browser has kept.
    private final class Browser {
        private final Map<String, String> cookies = new TreeMap<>();

        Answer get(String path) {
            server.as(null);
            String all = cookies.entrySet().stream()
                    .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                    .collect(Collectors.joining("; "));
            Answer answer = all.isEmpty() ? server.get(path) : server.get(path, "Cookie", all);
            for (String set : answer.raw().headers().allValues("set-cookie")) {
                assertThat(set)
                        .contains("; Path=/;", "; HttpOnly", "; SameSite=Lax")
                        .doesNotContain("Domain");
                String[] pair = set.replaceFirst(";.*", "").split("=", 2);
                if (set.contains("Max-Age=0;")) {
                    cookies.remove(pair[0]);
                } else {
                    cookies.put(pair[0], pair[1]);
                }
            }
            return answer;
        }

        /// To the issuer, and to where that sends it.
        String toIssuerAndBack() throws Exception {
            Answer sent = get(LOGIN + "?back=/upload%3Fa=1");
            assertThat(sent.status()).isEqualTo(303);
            assertThat(sent.header("cache-control")).isEqualTo("no-store");
            URI there = URI.create(sent.header("location"));
            assertThat(there.toString()).startsWith(issuer.uri() + "/authorize?");
            HttpResponse<String> back = http.send(
                    HttpRequest.newBuilder(there)
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(back.statusCode()).as(back.body()).isEqualTo(302);
            String location = back.headers().firstValue("location").orElseThrow();
            assertThat(location).startsWith(server.uri + CALLBACK);
            return location.substring(server.uri.toString().length());
        }

        String login() throws Exception {
            Answer done = get(toIssuerAndBack());
            assertThat(done.status()).isEqualTo(303);
            return done.header("location");
        }

        Answer who() {
            return get("/api/v1/auth");
        }
    }

    @Test
    void aBrowserGoesToTheIssuerAndComesBackAsTheUser() throws Exception {
        var browser = new Browser();
        assertThat(browser.who().ok().path("issuer").asText()).isEqualTo(LOGIN);
        assertThat(browser.login()).isEqualTo("/upload?a=1");
        assertThat(browser.cookies).containsOnlyKeys("sluice_session");
        assertThat(browser.who().ok().at("/user/name").asText()).isEqualTo("jane");
        assertThat(browser.who().ok().at("/user/via").asText()).isEqualTo("session");
        assertThat(browser.get("/api/v1/jobs").status()).isEqualTo(200);
        assertThat(issuer.refusals()).isEmpty();
        assertThat(new Browser().login()).isEqualTo("/upload?a=1");
        String session = browser.cookies.get("sluice_session");
        assertThat(server.as(session).post("/api/v1/auth/logout").status()).isEqualTo(204);
        browser.get("/api/v1/jobs").problem(401, "unauthorized");
    }

    @Test
    void aCodeIsGoodOnceAndInTheBrowserThatAskedForIt() throws Exception {
        var browser = new Browser();
        String back = browser.toIssuerAndBack();
        var thief = new Browser();
        assertThat(thief.get(back).header("location")).isEqualTo("/login?failed=unauthorized");
        thief.get(LOGIN);
        assertThat(thief.get(back).header("location")).isEqualTo("/login?failed=unauthorized");
        assertThat(thief.cookies).isEmpty();
        String seed = browser.cookies.get("sluice_login");
        assertThat(browser.get(back.replaceFirst("state=....", "state=AAAA")).header("location"))
                .isEqualTo("/login?failed=unauthorized");
        assertThat(issuer.refusals()).isEmpty();
        browser.cookies.put("sluice_login", seed);
        assertThat(browser.get(back).header("location")).isEqualTo("/upload?a=1");
        var replay = new Browser();
        replay.cookies.put("sluice_login", seed);
        assertThat(replay.get(back).header("location")).isEqualTo("/login?failed=unauthorized");
        assertThat(replay.cookies).isEmpty();
        assertThat(issuer.refusals()).containsExactly("invalid_grant");
    }

    @Test
    void whomTheIssuerDoesNotLetInIsNotLetInHere() throws Exception {
        issuer.deny();
        var browser = new Browser();
        assertThat(browser.login()).isEqualTo("/login?failed=unauthorized");
        assertThat(browser.cookies).isEmpty();
    }

    @Test
    void aLoginsTokenIsHeldToAllThatItMustBe() throws Exception {
        Instant now = Instant.now();
        List<UnaryOperator<JWTClaimsSet.Builder>> changes = List.of(
                claims -> claims.claim("nonce", "another"),
                claims -> claims.claim("nonce", null),
                claims -> claims.audience("another"),
                claims -> claims.audience(List.of(TestingIssuer.CLIENT, "another")),
                claims -> claims.claim("azp", "another"),
                claims -> claims.issuer("https://example.com"),
                claims -> claims.expirationTime(Date.from(now.minusSeconds(120))),
                claims -> claims.notBeforeTime(Date.from(now.plusSeconds(3600))),
                claims -> claims.subject(null));
        for (UnaryOperator<JWTClaimsSet.Builder> change : changes) {
            issuer.change(change);
            var browser = new Browser();
            assertThat(browser.login()).isEqualTo("/login?failed=unauthorized");
            assertThat(browser.cookies).isEmpty();
        }
        issuer.change(claims ->
                claims.audience(List.of(TestingIssuer.CLIENT, "another")).claim("azp", TestingIssuer.CLIENT));
        assertThat(new Browser().login()).isEqualTo("/upload?a=1");
    }

    @Test
    void aClaimSaysWhoIsLetInAndAsWhat() throws Exception {
        again(Map.of(
                "auth.oidc.role-claim", "groups",
                "auth.oidc.admins", "it",
                "auth.oidc.users", "staff,friends"));
        var browser = new Browser();
        assertThat(browser.login()).isEqualTo("/login?failed=forbidden");
        assertThat(browser.cookies).isEmpty();
        issuer.person(Map.of("sub", "7", "preferred_username", "jane", "groups", List.of("staff", "others")));
        assertThat(browser.login()).isEqualTo("/upload?a=1");
        assertThat(browser.who().text()).contains("\"write\"").doesNotContain("\"admin\"");
        issuer.person(Map.of("sub", "7", "preferred_username", "jane", "groups", List.of("it")));
        var other = new Browser();
        assertThat(other.login()).isEqualTo("/upload?a=1");
        assertThat(other.who().text()).contains("\"admin\"");
        browser.get("/api/v1/jobs").problem(401, "unauthorized");
        assertThat(other.get("/api/v1/audit?action=login").text())
                .contains("\"jane\"", "\"done\"", "\"forbidden\"")
                .doesNotContain("state=", "code=");
    }

    @Test
    void aUserWhoIsDisabledHereStaysOut() throws Exception {
        again(Map.of("auth.oidc.role", "admin"));
        assertThat(new Browser().login()).isEqualTo("/upload?a=1");
        issuer.person(Map.of("sub", "8", "preferred_username", "boss"));
        var boss = new Browser();
        boss.login();
        String session = boss.cookies.get("sluice_session");
        server.as(session)
                .send(server.request("/api/v1/users/jane")
                        .method("PATCH", BodyPublishers.ofString("{\"disabled\":true}")))
                .ok();
        issuer.person(Map.of("sub", "7", "preferred_username", "jane"));
        assertThat(new Browser().login()).isEqualTo("/login?failed=forbidden");
        server.as(issuer.token(UnaryOperator.identity())).get("/api/v1/jobs").problem(401, "unauthorized");
    }

    @Test
    void theSecretGoesWhereTheIssuerTakesIt() throws Exception {
        issuer.takeSecretInForm();
        assertThat(new Browser().login()).isEqualTo("/upload?a=1");
        assertThat(issuer.refusals()).isEmpty();
    }

    @Test
    void aTokenOpensWhatItsUserMayAndMakesNoKey() {
        String token = issuer.token(UnaryOperator.identity());
        server.as(token);
        assertThat(server.get("/api/v1/auth").ok().at("/user/via").asText()).isEqualTo("token");
        assertThat(server.announce("janes.txt", 1).id()).isNotEmpty();
        server.get("/api/v1/users").problem(403, "forbidden");
        server.post("/api/v1/auth/keys", "{\"label\":\"k\",\"scopes\":[\"read\"]}")
                .problem(403, "forbidden");
        String ticket = server.post("/api/v1/auth/websocket-token")
                .ok()
                .path("websocket_token")
                .asText();
        try (TestingSocket bearer = server.socket("/ws/jobs", "Authorization", "Bearer " + token);
                TestingSocket byTicket = server.socket("/ws/download/x?token=" + ticket)) {
            assertThat(bearer.next().path("jobs")).hasSize(1);
            byTicket.sendText("ping");
            assertThat(byTicket.next().path("type").asText()).isEqualTo("pong");
        }
        server.as(null).get("/api/v1/jobs", "Cookie", "sluice_session=" + token).problem(401, "unauthorized");
        server.as(token.substring(0, token.length() - 5) + "AAAAA")
                .get("/api/v1/jobs")
                .problem(401, "unauthorized");
        server.as(issuer.token(claims -> claims.audience("another")))
                .get("/api/v1/jobs")
                .problem(401, "unauthorized");
    }

    @Test
    void whileTheIssuerIsAwayThatIsSaidAndPasswordsWork() throws Exception {
        String setup = server.server.setupLink().orElseThrow();
        issuer.away(true);
        assertThat(new Browser().get(LOGIN).header("location")).isEqualTo("/login?failed=upstream_unavailable");
        server.as(issuer.token(UnaryOperator.identity())).get("/api/v1/jobs").problem(502, "upstream_unavailable");
        server.as(null)
                .form(
                        "/api/v1/auth/setup",
                        "token",
                        setup.substring(setup.indexOf('=') + 1),
                        "username",
                        "anna",
                        "password",
                        Population.PASSWORD,
                        "again",
                        Population.PASSWORD)
                .ok();
    }

    @Test
    void withoutAnIssuerThereIsNothingToBegin() throws Exception {
        server.close();
        server = new TestingServer(folder.resolve("alone"), Map.of("auth.mode", "accounts"));
        assertThat(server.get("/api/v1/auth").ok().has("issuer")).isFalse();
        server.get(LOGIN).problem(404, "not_found");
        server.get(CALLBACK + "?code=x&state=y").problem(404, "not_found");
    }
}
