package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.TestingNginx;
import dev.sluice.testing.TestingS3Mock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Downloads straight into a bucket, whose parts come in order.
class DownloadCloudTest {
    private static final int SIZE = 128 << 20;
    /// Of each of four connections a part that was on its way, and what waits to become one.
    private static final long FETCHED_TWICE = 4 * ((8L << 20) + (4L << 20));

    @TempDir
    Path folder;

    @Test
    void afterAKillTheFileIsTheSameAndItsChecksumIsStillVerified() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(SIZE).nextBytes(content);
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        try (var nginx = TestingNginx.start();
                var s3 = new S3Provider("s3mock", TestingS3Mock.shared());
                var server = ServerProcess.storingIn(
                        s3, folder, "download.allow-networks=127.0.0.0/8", "operations.port=0")) {
            Files.write(nginx.files().resolve("film.mp4"), content);
            server.start();
            var answer = server.post(
                    "/api/download",
                    "{\"url\":\"" + nginx.url("slow/4000000/film.mp4") + "\",\"checksum\":\"sha256:" + sum + "\"}");
            assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(202);
            String job = ServerProcess.json(answer).path("jobId").asText();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> server.job(job).path("progress").path("bytes").asLong() > SIZE * 3L / 4);
            server.kill();
            server.start();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(server.job(job).path("state").asText())
                                    .as(() -> String.valueOf(server.log()))
                                    .isEqualTo("completed"));
            assertThat(server.content(job)).isEqualTo(content);
            assertThat(s3.objects()).hasSize(1);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(s3.leftovers()).isEmpty());
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(nginx.sent()).isBetween((long) SIZE, SIZE + FETCHED_TWICE));
            System.out.printf("into S3: %,d bytes came twice, %,d may%n", nginx.sent() - SIZE, FETCHED_TWICE);
            server.remove(job);
            assertThat(s3.objects()).isEmpty();
        }
    }
}
