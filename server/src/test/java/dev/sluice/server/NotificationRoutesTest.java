package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.server.TestingServer.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Webhooks, browsers and choices over HTTP.
@Timeout(180)
class NotificationRoutesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOOKS = "/api/v1/notifications/webhooks";
    private static final String PUSH = "/api/v1/notifications/push";
    private static final String CHOICES = "/api/v1/notifications/choices";

    @TempDir
    Path folder;

    private final List<String> got = new CopyOnWriteArrayList<>();
    private HttpServer receiver;
    private Population people;
    private TestingServer server;

    @BeforeEach
    void start() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            try (exchange) {
                got.add(exchange.getRequestHeaders().getFirst("webhook-id") + " "
                        + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                exchange.sendResponseHeaders(204, -1);
            }
        });
        receiver.start();
        people = new Population(folder, Map.of("notify.allow-networks", "127.0.0.0/8"));
        server = people.server;
    }

    @AfterEach
    void stop() {
        people.close();
        receiver.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/ends";
    }

    private Answer patch(String path, String json) {
        return server.send(server.request(path).method("PATCH", BodyPublishers.ofString(json)));
    }

    private JsonNode added(String more) {
        Answer made = server.post(HOOKS, "{\"url\":\"" + url() + "\"" + more + "}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json();
    }

    @Test
    void aWebhookIsToldOfOnesOwnJobsAndItsDeliveriesCanBeLookedUpAndSentAgain() {
        server.as(people.bert);
        JsonNode hook = added("");
        String path = HOOKS + "/" + hook.path("id").asText();
        assertThat(hook.path("secret").asText()).startsWith("whsec_");
        assertThat(hook.path("outcomes")).hasSize(3);
        server.as(people.carl).uploaded("carls.txt", TestingServer.bytes(3));
        String mine = server.as(people.bert)
                .uploaded("berts.txt", TestingServer.bytes(3))
                .id();
        await().atMost(PATIENCE).until(() -> !got.isEmpty());
        assertThat(got)
                .singleElement()
                .satisfies(text -> assertThat(text).contains(mine, "job.completed", "berts.txt"));
        await().atMost(PATIENCE)
                .until(() -> "delivered"
                        .equals(server.get(path + "/deliveries")
                                .ok()
                                .at("/deliveries/0/state")
                                .asText()));
        JsonNode delivery = server.get(path + "/deliveries").ok().at("/deliveries/0");
        assertThat(delivery.path("job").asText()).isEqualTo(mine);
        assertThat(delivery.path("status").asInt()).isEqualTo(204);
        String id = delivery.path("id").asText();
        Answer again = server.post(path + "/deliveries/" + id + "/replay");
        assertThat(again.status()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> got.size() == 2);
        assertThat(got.get(1)).isEqualTo(got.get(0)).startsWith(id);
        assertThat(server.post(path + "/test").status()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> got.size() == 3);
        assertThat(server.get(path + "/deliveries").ok().path("deliveries")).hasSize(2);
        server.post(path + "/deliveries/nothing/replay").problem(404, "not_found");
    }

    @Test
    void whatIsAbsentInAChangeStaysAndTheSecretIsShownOnce() {
        server.as(people.bert);
        JsonNode hook = added(",\"kinds\":[\"import\"],\"outcomes\":[\"failed\"]");
        String path = HOOKS + "/" + hook.path("id").asText();
        JsonNode off = patch(path, "{\"enabled\":false}").ok();
        assertThat(off.path("enabled").asBoolean()).isFalse();
        assertThat(off.path("reason").asText()).isNotEmpty();
        assertThat(off.path("kinds").get(0).asText()).isEqualTo("import");
        JsonNode on = patch(path, "{\"enabled\":true,\"outcomes\":[\"cancelled\"],\"kinds\":[]}")
                .ok();
        assertThat(on.path("enabled").asBoolean()).isTrue();
        assertThat(on.path("kinds")).isEmpty();
        assertThat(on.path("outcomes").get(0).asText()).isEqualTo("cancelled");
        assertThat(server.get(HOOKS).ok().at("/webhooks/0").has("secret")).isFalse();
        String renewed = server.post(path + "/secret").ok().path("secret").asText();
        assertThat(renewed)
                .startsWith("whsec_")
                .isNotEqualTo(hook.path("secret").asText());
        assertThat(server.delete(path).status()).isEqualTo(204);
        assertThat(server.get(HOOKS).ok().path("webhooks")).isEmpty();
        server.delete(path).problem(404, "not_found");
    }

    @Test
    void whatCannotBeIsRefusedByItsField() {
        server.as(people.bert);
        server.post(HOOKS, "{}").problem(400, "invalid_request");
        server.post(HOOKS, "{\"url\":\"https://example.org\",\"x\":1}").problem(400, "unknown_field");
        server.post(HOOKS, "{\"url\":\"http://10.0.0.1/\"}").problem(400, "target_refused");
        server.post(HOOKS, "{\"url\":\"https://example.org\",\"kinds\":[\"film\"]}")
                .problem(400, "invalid_request");
        server.post(HOOKS, "{\"url\":\"https://example.org\",\"outcomes\":[]}").problem(400, "invalid_request");
        server.post(HOOKS, "{\"url\":\"https://example.org\",\"outcomes\":[\"paused\"]}")
                .problem(400, "invalid_request");
        server.post(PUSH, "{\"endpoint\":\"https://example.org\",\"keys\":{\"p256dh\":\"x\",\"auth\":\"y\"}}")
                .problem(400, "invalid_request");
        patch(CHOICES, "{\"kinds\":{\"film\":[\"failed\"]}}").problem(400, "invalid_request");
        patch(CHOICES, "{\"kinds\":{\"upload\":[\"done\"]}}").problem(400, "invalid_request");
    }

    @Test
    void choicesAreOnesOwnByKind() {
        server.as(people.bert);
        assertThat(server.get(CHOICES).ok().at("/kinds/upload").toString()).isEqualTo("[\"completed\",\"failed\"]");
        JsonNode chosen = patch(CHOICES, "{\"kinds\":{\"upload\":[],\"import\":[\"cancelled\"]}}")
                .ok();
        assertThat(chosen.at("/kinds/upload")).isEmpty();
        assertThat(chosen.at("/kinds/import").toString()).isEqualTo("[\"cancelled\"]");
        assertThat(chosen.at("/kinds/download").toString()).isEqualTo("[\"completed\",\"failed\"]");
        assertThat(server.as(people.carl).get(CHOICES).ok().at("/kinds/upload")).hasSize(2);
    }

    private static String subscription() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var key = (ECPublicKey) generator.generateKeyPair().getPublic();
        byte[] point = new byte[65];
        point[0] = 4;
        for (int i = 0; i < 2; i++) {
            byte[] number = (i == 0 ? key.getW().getAffineX() : key.getW().getAffineY()).toByteArray();
            int length = Math.min(32, number.length);
            System.arraycopy(number, number.length - length, point, 33 + 32 * i - length, length);
        }
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return "{\"endpoint\":\"https://push.example.org/" + Arrays.hashCode(point)
                + "\",\"expirationTime\":null,\"keys\":{"
                + "\"p256dh\":\"" + base64.encodeToString(point) + "\",\"auth\":\""
                + base64.encodeToString(new byte[16])
                + "\"},\"label\":\"Firefox on Linux\"}";
    }

    @Test
    void aBrowserIsOnesOwnUntilItIsTakenAway() throws Exception {
        server.as(people.bert);
        String key = server.get(PUSH).ok().path("publicKey").asText();
        assertThat(Base64.getUrlDecoder().decode(key)).hasSize(65).startsWith((byte) 4);
        String subscription = subscription();
        JsonNode made = server.post(PUSH, subscription).json();
        assertThat(server.post(PUSH, subscription).json().path("id")).isEqualTo(made.path("id"));
        assertThat(server.get(PUSH).ok().at("/browsers/0/label").asText()).isEqualTo("Firefox on Linux");
        String path = PUSH + "/" + made.path("id").asText();
        server.as(people.carl).delete(path).problem(404, "not_found");
        server.post(path + "/test").problem(404, "not_found");
        JsonNode theirs = server.get(PUSH).ok();
        assertThat(theirs.path("browsers")).isEmpty();
        assertThat(theirs.path("publicKey").asText()).isEqualTo(key);
        assertThat(server.as(people.bert).delete(path).status()).isEqualTo(204);
        assertThat(server.get(PUSH).ok().path("browsers")).isEmpty();
    }

    @Test
    void whoMayOnlyLookChangesNothing() {
        server.as(people.vera);
        assertThat(server.get(HOOKS).ok().path("webhooks")).isEmpty();
        server.post(HOOKS, "{\"url\":\"" + url() + "\"}").problem(403, "forbidden");
    }

    @Test
    void whoIsDisabledIsToldNothingMore() {
        server.as(people.bert);
        added("");
        String coming = server.announce("coming.txt", 10).id();
        String other = server.as(people.carl).announce("other.txt", 10).id();
        added("");
        patchUser("bert");
        server.as(people.anna).post("/api/v1/jobs/" + coming + "/cancel").ok();
        server.post("/api/v1/jobs/" + other + "/cancel").ok();
        await().atMost(PATIENCE).until(() -> !got.isEmpty());
        assertThat(got).singleElement().satisfies(text -> assertThat(text).contains(other));
    }

    private void patchUser(String name) {
        server.as(people.anna);
        patch("/api/v1/users/" + name, "{\"disabled\":true}").ok();
    }
}
