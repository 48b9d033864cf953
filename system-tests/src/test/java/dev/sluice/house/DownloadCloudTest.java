package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.TestingNginx;
import dev.sluice.testing.TestingS3Mock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Downloads straight into a bucket, whose parts come in order.
class DownloadCloudTest {
    private static final int SIZE = 128 << 20;
    /// Of each of four connections a part that was on its way, and what waits to become one.
    private static final long FETCHED_TWICE = 4 * ((8L << 20) + (4L << 20));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterAKillTheFileIsTheSameAndItsChecksumIsStillVerified(boolean right) throws Exception {
        byte[] content = new byte[SIZE];
        new Random(SIZE).nextBytes(content);
        String sum = right
                ? HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content))
                : "0".repeat(64);
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
                                    .isEqualTo(right ? "completed" : "failed"));
            if (!right) {
                assertThat(server.job(job).path("error").path("code").asText()).isEqualTo("checksum_mismatch");
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(s3.leftovers()).isEmpty());
                assertThat(s3.objects()).isEmpty();
                return;
            }
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

    @Test
    void whatAPageShowsGoesIntoTheBucketAndNothingStays() throws Exception {
        try (var nginx = TestingNginx.start();
                var s3 = new S3Provider("s3mock", TestingS3Mock.shared());
                var server = ServerProcess.storingIn(
                        s3, folder, "download.allow-networks=127.0.0.0/8", "operations.port=0")) {
            Process made = new ProcessBuilder(
                            ("ffmpeg -v error -f lavfi -i testsrc2=duration=5 -f lavfi -i sine=duration=5"
                                            + " -c:v libx264 -preset ultrafast -c:a aac -hls_time 1 -hls_playlist_type vod talk.m3u8")
                                    .split(" "))
                    .directory(nginx.files().toFile())
                    .inheritIO()
                    .start();
            assertThat(made.waitFor()).isZero();
            server.start();
            var answer = server.post("/api/download", "{\"url\":\"" + nginx.url("talk.m3u8") + "\"}");
            String job = ServerProcess.json(answer).path("jobId").asText();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(server.job(job).path("state").asText())
                                    .as(() -> String.valueOf(server.log()))
                                    .isEqualTo("completed"));
            assertThat(s3.objects()).hasSize(1);
            byte[] film = server.content(job);
            assertThat(new String(film, 4, 4, StandardCharsets.US_ASCII)).isEqualTo("ftyp");
            assertThat(film)
                    .hasSize(server.json("/api/v1/download/" + job)
                            .path("fileSize")
                            .asInt());
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                assertThat(s3.leftovers()).isEmpty();
                assertThat(folder.resolve("data/downloads")).isEmptyDirectory();
            });
        }
    }
}
