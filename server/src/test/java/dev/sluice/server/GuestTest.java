package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.TestingServer.File;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Where guests are let in, the id of an upload or a download is the right to see and to stop it.
@Timeout(60)
class GuestTest {
    @TempDir
    Path folder;

    @Test
    void guestsUploadAndDownloadByIdAndSeeNoList() {
        try (var people = new Population(folder, Map.of("auth.guest", "true"))) {
            TestingServer server = people.server;
            File berts = server.as(people.bert).uploaded("berts.txt", TestingServer.bytes(5));
            server.as(null);
            File file = server.uploaded("guests.txt", TestingServer.bytes(20));
            assertThat(server.get("/api/v1/download/stream/" + file.id()).bytes())
                    .hasSize(20);
            File coming = server.announce("coming.txt", 5);
            assertThat(server.post("/api/v1/upload/cancel/" + coming.id()).status())
                    .isEqualTo(200);
            try (TestingSocket socket = server.socket(file.socket())) {
                assertThat(socket.end().code()).isEqualTo(1000);
            }
            server.get("/api/v1/upload/" + berts.id()).problem(404, "not_found");
            server.get("/api/v1/jobs").problem(401, "unauthorized");
            server.get("/api/v1/jobs/" + file.id()).problem(401, "unauthorized");
            server.get("/api/v1/transactions").problem(401, "unauthorized");
            try (TestingSocket socket = server.socket("/ws/jobs")) {
                assertThat(socket.end().code()).isEqualTo(1008);
            }
            server.post("/api/v1/download", "{\"url\":\"https://example.com/x\",\"jobId\":\"short\"}")
                    .problem(400, "invalid_request");
            server.as(people.bert).get("/api/v1/upload/" + file.id()).problem(404, "not_found");
            assertThat(server.as(people.anna).get("/api/v1/jobs?owner=guest").text())
                    .contains(file.id());
        }
    }

    @Test
    void withoutGuestsNobodyUploads() {
        try (var people = new Population(folder, Map.of())) {
            people.server
                    .as(null)
                    .post("/api/v1/upload/initiate", TestingServer.initiation("a.txt", 1))
                    .problem(401, "unauthorized");
        }
    }
}
