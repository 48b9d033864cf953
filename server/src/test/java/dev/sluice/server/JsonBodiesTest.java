package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.TestingServer.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the bodies of JSON requests take together.
@Timeout(60)
class JsonBodiesTest {
    private static final int LARGE = 16 << 20;

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    TestingServer server;

    private final ArrayList<Socket> slow = new ArrayList<>();

    @BeforeEach
    void start() {
        server = new TestingServer(folder, Map.of());
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : slow) {
            socket.close();
        }
        server.close();
    }

    @Test
    void largeBodiesThatNeverComeKeepOnlyOtherLargeOnesOutUntilTheyAreGone() throws IOException {
        for (int i = 0; i < 4; i++) {
            slow.add(announceBody());
        }
        await().untilAsserted(() -> {
            Answer refused = server.post("/api/v1/upload/initiate", padded(1 << 20));
            refused.problem(503, "out_of_slots");
            assertThat(refused.header("Retry-After")).isEqualTo("1");
        });
        server.post("/api/v1/upload/initiate", padded(64 << 10)).ok();
        slow.getFirst().close();
        await().untilAsserted(() ->
                server.post("/api/v1/upload/initiate", padded(1 << 20)).ok());
    }

    @Test
    void whatABodyTookIsFreeAgainHoweverItsRequestEnded() {
        for (int i = 0; i < 6; i++) {
            server.post("/api/v1/upload/initiate", padded(LARGE)).ok();
            server.post("/api/v1/upload/initiate", " ".repeat(LARGE)).problem(400, "invalid_request");
            server.post("/api/v1/upload/initiate", padded(LARGE + 1)).problem(413, "too_large");
            server.post("/api/v1/nothing", " ".repeat(LARGE)).problem(404, "not_found");
        }
    }

    @Test
    void anAnswerThatComesBeforeTheBodyHasGoneLetsTheClientFinish() throws IOException {
        for (int bytes : new int[] {1 << 10, 1 << 20}) {
            try (Socket socket = server.connect()) {
                OutputStream out = socket.getOutputStream();
                out.write(("POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + bytes + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
                assertThat(line(socket)).isEqualTo("HTTP/1.1 404 Not Found");
                for (int sent = 0; sent < bytes; sent += 1 << 10) {
                    out.write(new byte[1 << 10]);
                }
                assertThat(TestingServer.readAll(socket.getInputStream()))
                        .contains("Connection: close")
                        .endsWith("}");
            }
        }
    }

    private static String line(Socket socket) throws IOException {
        var line = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c != '\r';
                c = socket.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    private Socket announceBody() throws IOException {
        Socket socket = server.connect();
        socket.getOutputStream()
                .write(("POST /api/v1/upload/initiate HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + LARGE
                                + "\r\n\r\n{")
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static String padded(int bytes) {
        String body = TestingServer.initiation("padded.bin", 1);
        return body + " ".repeat(bytes - body.length());
    }
}
