package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Downloads where accounts are in use.
@Timeout(60)
class DownloadAccountsTest {
    @TempDir
    Path folder;

    @Test
    void aLinkNeedsNoLoginUntilItExpires() {
        try (var source = new TestingSource(TestingServer.bytes(300_000));
                var people = new Population(
                        folder, Map.of("download.allow-networks", "127.0.0.0/8", "download.link-age", "5s"))) {
            TestingServer server = people.server;
            var made = server.as(people.bert)
                    .post("/api/v1/download", "{\"url\":\"" + source.url("/whole/film.mp4") + "\"}");
            assertThat(made.status()).as(made.text()).isEqualTo(202);
            String id = made.json().path("jobId").asText();
            server.becomes(id, "completed");
            String link = server.get("/api/v1/download/" + id)
                    .ok()
                    .path("downloadUrl")
                    .asText();

            server.as(null);
            var part = server.get(link, "Range", "bytes=10-19");
            assertThat(part.status()).as(part.text()).isEqualTo(206);
            assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(source.content, 10, 20));
            assertThat(part.header("content-range")).isEqualTo("bytes 10-19/300000");
            server.get("/api/v1/download/" + id).problem(401, "unauthorized");
            server.get("/api/v1/download/stream/" + id).problem(401, "unauthorized");

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> server.get(link, "Range", "bytes=10-19").status() != 206);
            server.get(link, "Range", "bytes=10-19").problem(410, "gone");
        }
    }
}
