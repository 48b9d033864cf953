package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.TestingNginx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `SIGKILL` for `sluice serve` in the middle of a download: over four connections, at random moments (`dev/downloads`
/// kills more often), and while yt-dlp or its ffmpeg is at work.
class DownloadKillTest {
    private static final int KILLS = Integer.getInteger("sluice.kills", 3);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final int SIZE = 48 << 20;
    private static final int CONNECTIONS = 4;
    private static final int RATE = 4_000_000;
    /// What a connection may fetch again: what has come since the last second's note, and what the kernel held.
    private static final int SEGMENT = 8 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LENGTH = Duration.ofMillis(SIZE / CONNECTIONS / (RATE / 1000));

    @TempDir
    Path folder;

    private TestingNginx nginx;
    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        nginx = TestingNginx.start();
        server = new ServerProcess(
                        folder,
                        List.of(
                                "download.allow-networks=127.0.0.0/8",
                                "download.connections=" + CONNECTIONS,
                                "download.ffmpeg=" + ffmpeg(),
                                "operations.port=0"))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
        nginx.close();
    }

    @Test
    void theFileIsTheSameAndLittleIsFetchedTwice() throws Exception {
        System.out.println("downloads: " + KILLS + " kills, seed " + SEED);
        var random = new Random(SEED);
        byte[] content = new byte[SIZE];
        random.nextBytes(content);
        Files.write(nginx.files().resolve("film.mp4"), content);
        for (int kill = 0; kill < KILLS; kill++) {
            long millis = random.nextLong(LENGTH.toMillis());
            try {
                killed(content, millis);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + SEED + ", kill " + kill + " after " + millis + " ms\n" + server.log(), e);
            }
        }
    }

    private void killed(byte[] content, long millis) throws Exception {
        long before = nginx.sent();
        var answer = server.post("/api/download", "{\"url\":\"" + nginx.url("slow/" + RATE + "/film.mp4") + "\"}");
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(202);
        String job = ServerProcess.json(answer).path("jobId").asText();

        Thread.sleep(millis);
        server.kill();
        for (String name : files()) {
            if (!name.startsWith(".")) {
                assertThat(folder.resolve("data").resolve("files").resolve(name))
                        .as("nothing half-done is visible")
                        .hasBinaryContent(content);
            }
        }

        server.start();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.job(job).path("state").asText())
                        .as(() -> String.valueOf(server.log()))
                        .isEqualTo("completed"));
        assertThat(server.content(job)).isEqualTo(content);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(files()).containsExactly("film.mp4"));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(nginx.sent() - before).isBetween((long) SIZE, (long) SIZE + CONNECTIONS * SEGMENT));
        server.remove(job);
        await().atMost(Duration.ofSeconds(10)).until(() -> files().isEmpty());
    }

    @Test
    void noChildOutlivesAServerThatIsKilledWhileYtDlpFetches() throws Exception {
        makeStream();
        String job = submit("slow/150000/talk.m3u8", "best");
        await().atMost(PATIENCE)
                .until(() -> names().contains("yt-dlp")
                        && server.job(job).path("progress").path("bytes").asLong() > 0);
        nobodyOutlivesTheServer();
        isOneObjectInTheEnd(job);
    }

    @Test
    void noChildOutlivesAServerThatIsKilledWhileFfmpegWorks() throws Exception {
        makeStream();
        Path endless = Files.createFile(folder.resolve("endless"));
        String job = submit("talk.m3u8", "audio");
        await().atMost(PATIENCE).until(() -> names().contains("endless-ffmpeg"));
        assertThat(names()).contains("yt-dlp");
        nobodyOutlivesTheServer();
        Files.delete(endless);
        isOneObjectInTheEnd(job);
    }

    private String submit(String path, String quality) throws IOException {
        var answer =
                server.post("/api/download", "{\"url\":\"" + nginx.url(path) + "\",\"quality\":\"" + quality + "\"}");
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(202);
        return ServerProcess.json(answer).path("jobId").asText();
    }

    private void nobodyOutlivesTheServer() {
        assertThat(children()).isNotEmpty();
        server.kill();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(children()).isEmpty());
    }

    private void isOneObjectInTheEnd(String job) throws IOException {
        server.start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(server.job(job).path("state").asText())
                        .as(() -> String.valueOf(server.log()))
                        .isEqualTo("completed"));
        assertThat(server.content(job)).hasSizeGreaterThan(10_000);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(files()).hasSize(1);
            assertThat(folder.resolve("data/downloads")).isEmptyDirectory();
        });
        assertThat(children()).isEmpty();
    }

    private void makeStream() throws IOException, InterruptedException {
        Process made = new ProcessBuilder(
                        ("ffmpeg -v error -f lavfi -i testsrc2=size=320x180:rate=25:duration=8 -f lavfi"
                                        + " -i sine=duration=8 -c:v libx264 -preset ultrafast -g 25 -c:a aac -hls_time 1"
                                        + " -hls_list_size 0 -hls_playlist_type vod talk.m3u8")
                                .split(" "))
                .directory(nginx.files().toFile())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
    }

    /// Real ffmpeg, at work for ever, under that name, while there is a file `endless` beside it.
    private Path ffmpeg() throws IOException {
        script("ffprobe", "exec ffprobe \"$@\"");
        return script("ffmpeg", """
                here=${0%/*}
                case "$(test -e "$here/endless" && echo " $* ")" in *' -i '*)
                    ln -sf "$(command -v ffmpeg)" "$here/endless-ffmpeg"
                    exec "$here/endless-ffmpeg" -v quiet -re -f lavfi -i testsrc -f null -;;
                esac
                exec ffmpeg "$@"
                """);
    }

    private Path script(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, "#!/bin/sh\nPATH=/usr/bin:/bin\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /// Whoever has it in its environment that it works for a download of this server.
    private List<ProcessHandle> children() {
        String mark = "SLUICE_WORK=" + folder.resolve("data");
        return ProcessHandle.allProcesses()
                .filter(process -> about(process, "environ").contains(mark))
                .toList();
    }

    private List<String> names() {
        return children().stream()
                .flatMap(process ->
                        Stream.of(about(process, "cmdline").split("\0")).limit(2))
                .map(word -> word.substring(word.lastIndexOf('/') + 1))
                .toList();
    }

    private static String about(ProcessHandle process, String what) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/" + what), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }

    private List<String> files() {
        String[] names = folder.resolve("data").resolve("files").toFile().list();
        return names == null ? List.of() : List.of(names);
    }
}
