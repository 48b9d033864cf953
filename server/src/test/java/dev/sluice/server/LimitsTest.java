package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.TestingServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Each limit, broken by a client at 127.0.0.1, while another at 127.0.0.2 notices nothing.
@Timeout(120)
class LimitsTest {
    private static final String ASK = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String UP = "{\"status\":\"up\"}";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /// Loopback counts here as any other network does.
    private TestingServer serve(String... more) {
        var settings = new HashMap<String, String>();
        settings.put("limits.exempt", "192.0.2.0/24");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return new TestingServer(folder, settings);
    }

    private static Socket from(String address, TestingServer server) throws IOException {
        var socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
        socket.connect(new InetSocketAddress(server.uri.getHost(), server.uri.getPort()));
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String answer(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        InputStream in = socket.getInputStream();
        var answer = new StringBuilder();
        while (!answer.toString().endsWith(UP) && !answer.toString().endsWith("}")) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            answer.append((char) next);
        }
        return answer.toString();
    }

    private static void otherIsUnharmed(TestingServer server) throws IOException {
        try (Socket other = from("127.0.0.2", server)) {
            assertThat(answer(other, ASK)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void requestsAreCountedAndTheRestIsTold() throws IOException {
        try (var server = serve("limits.requests", "10")) {
            for (int left = 9; left >= 0; left--) {
                Answer answer = server.get("/health/live");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.header("ratelimit-policy")).isEqualTo("\"requests\";q=10;w=10");
                assertThat(answer.header("ratelimit")).matches("\"requests\";r=\\d+;t=\\d+");
            }
            await().until(() -> server.get("/api/v1/jobs").status() == 429);
            Answer refused = server.post("/api/v1/upload/initiate", TestingServer.initiation("a.txt", 1));
            refused.problem(429, "limit_exceeded");
            assertThat(refused.json().path("limit").asText()).isEqualTo("limits.requests");
            assertThat(refused.header("retry-after")).isEqualTo("1");
            assertThat(refused.header("ratelimit")).startsWith("\"requests\";r=0;t=");
            otherIsUnharmed(server);
            await().untilAsserted(() ->
                    assertThat(server.get("/health/live").status()).isEqualTo(200));
        }
    }

    @Test
    void requestsOfAUserOrAKeyAreCountedTogetherAndOthersByTheirAddress() throws IOException {
        var settings = Map.of("limits.exempt", "192.0.2.0/24", "limits.requests", "12");
        try (var people = new Population(folder, settings)) {
            TestingServer server = people.server;
            String key = server.as(people.carl)
                    .post("/api/v1/auth/keys", "{\"label\":\"k\",\"scopes\":[\"read\"]}")
                    .json()
                    .path("key")
                    .asText();
            server.as(people.bert);
            Answer refused = refused(server);
            assertThat(refused.text()).contains("requests of yours");
            assertThat(refused.header("retry-after")).isEqualTo("1");
            assertThat(left(server, "127.0.0.2", people.bert)).isLessThan(8);
            assertThat(left(server, "127.0.0.1", people.carl)).isGreaterThanOrEqualTo(8);
            assertThat(left(server, "127.0.0.1", key)).isEqualTo(11);
            // Words that are nobody's are counted where they come from, and take nothing from those who are known.
            server.as("sls_made-up");
            assertThat(refused(server).text()).contains("from your address");
            assertThat(left(server, "127.0.0.2", "sls_made-up")).isEqualTo(11);
            assertThat(server.as(people.carl).get("/api/v1/jobs").status()).isEqualTo(200);
        }
    }

    /// Asks until it is too often.
    private static Answer refused(TestingServer server) {
        long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        Answer answer = server.get("/api/v1/jobs");
        while (answer.status() != 429) {
            assertThat(System.nanoTime()).as("nothing is refused").isLessThan(until);
            answer = server.get("/api/v1/jobs");
        }
        answer.problem(429, "limit_exceeded");
        return answer;
    }

    /// How many requests are left to whoever shows that word there.
    private static int left(TestingServer server, String address, String word) throws IOException {
        try (Socket socket = from(address, server)) {
            socket.getOutputStream()
                    .write(
                            ("GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                                            + word + "\r\n\r\n")
                                    .getBytes(StandardCharsets.ISO_8859_1));
            String answer = TestingServer.readAll(socket.getInputStream());
            Matcher told =
                    Pattern.compile("(?i)\r\nRateLimit: \"requests\";r=(\\d+);").matcher(answer);
            assertThat(told.find()).as(answer).isTrue();
            return Integer.parseInt(told.group(1));
        }
    }

    @Test
    void whoIsNotLimitedIsNotCounted() {
        try (var server = new TestingServer(folder, Map.of("limits.requests", "1"))) {
            for (int i = 0; i < 20; i++) {
                Answer answer = server.get("/health/live");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.header("ratelimit")).isEmpty();
            }
        }
    }

    @Test
    void connectionsOfOneAddressAreCounted() throws IOException {
        try (var server = serve("limits.connections-per-address", "20")) {
            var held = new ArrayList<Socket>();
            try {
                for (int i = 0; i < 20; i++) {
                    Socket socket = from("127.0.0.1", server);
                    held.add(socket);
                    assertThat(answer(socket, ASK)).startsWith("HTTP/1.1 200 ");
                }
                Socket further = from("127.0.0.1", server);
                held.add(further);
                String told = answer(further, ASK);
                assertThat(told)
                        .startsWith("HTTP/1.1 429 ")
                        .contains("Retry-After: 1", "Connection: close", "limits.connections-per-address");
                assertThat(further.getInputStream().read()).isNegative();
                for (int i = 0; i < 1_000; i++) {
                    Socket flood = from("127.0.0.1", server);
                    held.add(flood);
                    flood.setSoLinger(true, 0);
                }
                // Those are closed at once.
                assertThat(answerOrEnd(held.getLast())).isEmpty();
                otherIsUnharmed(server);
                assertThat(answer(held.getFirst(), ASK)).startsWith("HTTP/1.1 200 ");
            } finally {
                for (Socket socket : held) {
                    socket.close();
                }
            }
            await().ignoreExceptions().untilAsserted(() -> {
                try (Socket again = from("127.0.0.1", server)) {
                    assertThat(answer(again, ASK)).startsWith("HTTP/1.1 200 ");
                }
            });
        }
    }

    private static String answerOrEnd(Socket socket) {
        try {
            return answer(socket, ASK);
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void watchersOfOneAddressAreCounted() throws IOException {
        try (var server = serve(
                "websocket.control.max-connections-per-user", "5",
                "limits.connections-per-address", "3000",
                "limits.requests", "100000")) {
            var held = new ArrayList<TestingSocket>();
            for (int i = 0; i < 5; i++) {
                held.add(server.socket("/ws/jobs"));
                assertThat(held.getLast().text()).contains("snapshot");
            }
            for (int i = 0; i < 1_000; i++) {
                try (TestingSocket further = server.socket(i % 2 == 0 ? "/ws/jobs" : "/ws/download/none")) {
                    TestingSocket.End end = further.end();
                    assertThat(end.code()).isEqualTo(1008);
                    assertThat(end.reason()).contains("websocket.control.max-connections-per-user");
                    assertThat(end.messages()).isEmpty();
                }
            }
            server.get("/api/v1/events").problem(429, "limit_exceeded");
            try (Socket other = from("127.0.0.2", server)) {
                other.getOutputStream()
                        .write("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .getBytes(StandardCharsets.ISO_8859_1));
                assertThat(new String(other.getInputStream().readNBytes(15), StandardCharsets.ISO_8859_1))
                        .isEqualTo("HTTP/1.1 200 OK");
            }
            held.removeFirst().close();
            await().untilAsserted(() -> {
                try (TestingSocket again = server.socket("/ws/jobs")) {
                    assertThat(again.text()).contains("snapshot");
                }
            });
            held.forEach(TestingSocket::close);
        }
    }

    @Test
    void aHeaderThatTricklesInIsCut() throws Exception {
        try (var server = serve("limits.header-timeout", "2s");
                Socket trickling = from("127.0.0.1", server);
                Socket silent = from("127.0.0.1", server);
                Socket used = from("127.0.0.1", server)) {
            assertThat(answer(used, ASK)).startsWith("HTTP/1.1 200 ");
            long began = System.nanoTime();
            assertThat(cutWhileTrickling(trickling, "GET /health/live HTTP/1.1\r\nX-Slow: "))
                    .isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
            assertThat(silent.getInputStream().read()).isNegative();
            // One that has asked before may rest.
            assertThat(answer(used, ASK)).startsWith("HTTP/1.1 200 ");
            otherIsUnharmed(server);
        }
    }

    private static boolean cutWhileTrickling(Socket socket, String begin) throws InterruptedException {
        try {
            socket.getOutputStream().write(begin.getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 200; i++) {
                Thread.sleep(100);
                socket.getOutputStream().write('x');
                if (socket.getInputStream().available() > 0) {
                    return socket.getInputStream().read() >= 0;
                }
            }
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void aBodyThatTricklesInIsCutAndAnHonestSlowOneIsNot() throws Exception {
        try (var server = serve("limits.transfer-rate", "1 KiB", "limits.transfer-window", "3s");
                Socket trickling = from("127.0.0.1", server);
                Socket honest = from("127.0.0.1", server)) {
            String slow = server.announce("slow.bin", 100_000).id();
            String fine = server.announce("fine.bin", 16_000).id();
            byte[] piece = TestingServer.bytes(400);
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    put(honest, fine, 16_000);
                    for (int i = 0; i < 40; i++) {
                        honest.getOutputStream().write(piece);
                        Thread.sleep(200);
                    }
                    honest.getOutputStream().write(new byte[16_000 - 40 * piece.length]);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            put(trickling, slow, 100_000);
            assertThat(cutWhileTrickling(trickling, "x")).isTrue();
            server.becomes(slow, "pending");
            assertThat(server.job(slow).path("waiting").asText()).isEqualTo("client");
            sender.join();
            server.becomes(fine, "completed");
            otherIsUnharmed(server);
        }
    }

    private static void put(Socket socket, String id, int size) throws IOException {
        socket.getOutputStream()
                .write(("PUT /api/v1/upload/" + id + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + size
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void whoIsCutIsToldWhy() throws Exception {
        try (var server = serve("limits.transfer-window", "2s");
                Socket silent = from("127.0.0.1", server)) {
            put(silent, server.announce("silent.bin", 100_000).id(), 100_000);
            silent.getOutputStream().write(new byte[10]);
            assertThat(TestingServer.readAll(silent.getInputStream()))
                    .startsWith("HTTP/1.1 408 ")
                    .contains("\"code\":\"limit_exceeded\"", "limits.transfer-rate");
        }
    }

    @Test
    void aJsonBodyThatTricklesInIsCut() throws Exception {
        try (var server = serve("limits.transfer-window", "2s");
                Socket trickling = from("127.0.0.1", server)) {
            trickling
                    .getOutputStream()
                    .write(String.join(
                                    "\r\n",
                                    "POST /api/v1/upload/initiate HTTP/1.1",
                                    "Host: localhost",
                                    "Content-Type: application/json",
                                    "Content-Length: 100000",
                                    "",
                                    "{\"filename\":")
                            .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(cutWhileTrickling(trickling, "x")).isTrue();
            otherIsUnharmed(server);
        }
    }

    @Test
    void aSocketThatTricklesIsClosedWithTheReason() {
        try (var server = serve("limits.transfer-window", "2s")) {
            String id = server.announce("trickle.bin", 100_000).id();
            try (TestingSocket socket = server.socket("/ws/upload/" + id)) {
                socket.send(new byte[10]);
                TestingSocket.End end = socket.end();
                assertThat(end.code()).isEqualTo(1008);
                assertThat(end.reason()).contains("limits.transfer-rate");
            }
        }
    }

    @Test
    void aReaderThatTakesNothingIsCut() throws Exception {
        int size = 64 << 20;
        try (var server = serve("limits.transfer-window", "2s", "limits.transfer-rate", "1 MiB")) {
            String id = server.uploaded("large.bin", TestingServer.bytes(size)).id();
            try (Socket stuck = from("127.0.0.1", server);
                    Socket slow = from("127.0.0.1", server)) {
                String ask = "GET /api/v1/download/stream/" + id + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
                stuck.setReceiveBufferSize(4096);
                stuck.getOutputStream().write(ask.getBytes(StandardCharsets.ISO_8859_1));
                slow.getOutputStream().write(ask.getBytes(StandardCharsets.ISO_8859_1));
                long taken = takeSlowly(slow, size);
                assertThat(taken).isGreaterThan(size);
                assertThat(all(stuck)).isLessThan(size);
            }
            otherIsUnharmed(server);
        }
    }

    /// Some 16 MiB a second.
    private static long takeSlowly(Socket socket, int size) throws IOException, InterruptedException {
        var piece = new byte[1 << 20];
        long taken = 0;
        while (taken <= size) {
            int read = socket.getInputStream().readNBytes(piece, 0, (int) Math.min(piece.length, size + 1 - taken));
            taken += read;
            Thread.sleep(60);
            if (read == 0) {
                break;
            }
        }
        return taken;
    }

    private static long all(Socket socket) {
        var piece = new byte[1 << 20];
        long taken = 0;
        try {
            for (int read = 0; read >= 0; read = socket.getInputStream().read(piece)) {
                taken += read;
            }
        } catch (IOException e) {
            return taken;
        }
        return taken;
    }
}
