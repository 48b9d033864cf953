package dev.sluice.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `SIGKILL` for `sluice serve` while the receiver of its webhook is away: each end is told when both are back,
/// under one id.
@Timeout(600)
class NotifyKillTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int KILLS = Integer.getInteger("sluice.kills", 3);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    @TempDir
    Path folder;

    private int port;
    private ServerProcess server;
    private String hook;

    @BeforeEach
    void start() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        server = new ServerProcess(
                        folder,
                        List.of(
                                "notify.allow-networks=127.0.0.0/8",
                                "notify.first-wait=200ms",
                                "notify.longest-wait=1s",
                                "notify.timeout=1s",
                                "operations.port=0"))
                .start();
        var made = server.post("/api/v1/notifications/webhooks", "{\"url\":\"http://127.0.0.1:" + port + "/ends\"}");
        assertThat(made.statusCode()).as(ServerProcess.text(made)).isEqualTo(201);
        hook = ServerProcess.json(made).path("id").asText();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String uploaded(String name) throws IOException {
        byte[] content = name.getBytes(UTF_8);
        String upload = server.create(name, content.length);
        server.patch(upload, 0, content);
        return upload.substring(upload.lastIndexOf('/') + 1);
    }

    private JsonNode deliveries() throws IOException {
        return server.json("/api/v1/notifications/webhooks/" + hook + "/deliveries")
                .path("deliveries");
    }

    @Test
    void anEndWhoseReceiverIsAwayIsToldAfterTheCrashUnderTheSameId() throws IOException {
        String job = uploaded("away.txt");
        await().atMost(PATIENCE)
                .until(() -> deliveries().path(0).path("attempts").asInt() >= 1);
        String id = deliveries().path(0).path("id").asText();
        assertThat(deliveries().path(0).path("job").asText()).isEqualTo(job);

        server.kill();
        try (var receiver = new Receiver(port)) {
            server.start();
            await().atMost(PATIENCE)
                    .until(() -> "delivered"
                            .equals(deliveries().path(0).path("state").asText()));
            assertThat(deliveries()).hasSize(1);
            assertThat(receiver.got).isEqualTo(Map.of(job, Set.of(id)));
        }
    }

    @Test
    void atWhateverMomentItIsKilledEachEndIsToldUnderOneId() throws Exception {
        System.out.println("notifications: " + KILLS + " kills, seed " + SEED);
        var random = new Random(SEED);
        var jobs = new ArrayList<String>();
        for (int kill = 0; kill < KILLS; kill++) {
            jobs.add(uploaded("first " + kill + ".txt"));
            jobs.add(uploaded("second " + kill + ".txt"));
            Thread.sleep(random.nextLong(30));
            server.kill();
            server.start();
        }
        try (var receiver = new Receiver(port)) {
            await().atMost(PATIENCE).until(() -> receiver.got.keySet().containsAll(jobs));
            assertThat(receiver.got).hasSize(jobs.size());
            assertThat(receiver.got.values())
                    .as("ids of each")
                    .allSatisfy(ids -> assertThat(ids).hasSize(1));
            await().atMost(PATIENCE)
                    .until(() -> deliveries().findValuesAsText("state").stream().allMatch("delivered"::equals));
            assertThat(deliveries()).hasSize(jobs.size());
        }
    }

    /// Notes under which ids it was told of each job.
    private static final class Receiver implements AutoCloseable {
        private static final ObjectMapper JSON = new ObjectMapper();
        final Map<String, Set<String>> got = new ConcurrentHashMap<>();
        private final HttpServer http;

        Receiver(int port) throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            http.createContext("/ends", exchange -> {
                try (exchange) {
                    JsonNode message = JSON.readTree(exchange.getRequestBody());
                    got.computeIfAbsent(message.at("/data/job").asText(), first -> ConcurrentHashMap.newKeySet())
                            .add(exchange.getRequestHeaders().getFirst("webhook-id"));
                    exchange.sendResponseHeaders(204, -1);
                }
            });
            http.start();
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }
}
