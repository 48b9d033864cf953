package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testing.TestingNginx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `SIGKILL` for `sluice serve` in the middle of a download, at random moments (`dev/downloads` kills more often): in
/// turns of a file over four connections, of an HLS stream, and of picture and sound that ffmpeg merges; and while
/// yt-dlp or its ffmpeg is surely at work.
class DownloadKillTest {
    private static final int KILLS = Integer.getInteger("sluice.kills", 3);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final int SIZE = 96 << 20;
    private static final int CONNECTIONS = 4;
    private static final int RATE = 4_000_000;
    /// What a connection may fetch again of a file: what has come since the last second's note, and what the kernel
    /// held.
    private static final int SEGMENT = 8 << 20;
    /// The page and its lists, which are asked again.
    private static final int LISTS = 64 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

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

    /// What is downloaded.
    ///
    /// @param body of the request
    /// @param content what it is in the end
    /// @param sent bytes that this takes where nobody is killed
    /// @param twice bytes that may come twice
    /// @param length how long it takes where nobody is killed
    private record Subject(String body, Path content, long sent, long twice, Duration length) {}

    @Test
    void theFileIsTheSameAndLittleIsFetchedTwice() throws Exception {
        System.out.println("downloads: " + KILLS + " kills, seed " + SEED);
        var random = new Random(SEED);
        makeStream();
        byte[] film = new byte[SIZE];
        random.nextBytes(film);
        Files.write(nginx.files().resolve("film.mp4"), film);
        List<Subject> subjects = List.of(
                undisturbed("{\"url\":\"" + nginx.url("slow/" + RATE + "/film.mp4") + "\"}", SEGMENT),
                undisturbed("{\"url\":\"" + nginx.url("slow/60000/talk.m3u8") + "\"}", largest(".ts")),
                undisturbed(
                        "{\"url\":\"" + nginx.url("slow/60000/talk.mpd") + "\",\"format\":\"mp4\"}", largest(".m4s")));
        assertThat(subjects.getFirst().content).hasBinaryContent(film);
        for (int kill = 0; kill < KILLS; kill++) {
            Subject subject = subjects.get(kill % subjects.size());
            long millis = random.nextLong(subject.length.toMillis());
            try {
                ended(subject, millis, server::kill);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + SEED + ", kill " + kill + " of " + subject.body + " after " + millis + " ms\n"
                                + server.log(),
                        e);
            }
        }
        // Who is told to end lets go by itself.
        for (Subject subject : subjects.subList(0, 2)) {
            ended(subject, subject.length.toMillis() * 2 / 3, () -> {
                server.end();
                assertThat(children()).isEmpty();
            });
        }
    }

    /// Bytes of the largest piece.
    private long largest(String ending) throws IOException {
        try (Stream<Path> pieces = Files.list(nginx.files())) {
            return pieces.filter(file -> file.toString().endsWith(ending))
                    .mapToLong(file -> file.toFile().length())
                    .max()
                    .orElseThrow();
        }
    }

    /// What a request gives without a kill.
    ///
    /// @param piece bytes that a connection may fetch again after one
    private Subject undisturbed(String body, long piece) throws IOException {
        long before = nginx.sent();
        long began = System.nanoTime();
        String job = submit(body);
        awaitCompleted(job);
        Duration length = Duration.ofNanos(System.nanoTime() - began);
        Path content = Files.write(folder.resolve(job), server.content(job));
        long sent = nginx.sent() - before;
        server.remove(job);
        awaitNothing();
        return new Subject(body, content, sent, CONNECTIONS * piece + LISTS, length);
    }

    private void ended(Subject subject, long millis, Runnable end) throws Exception {
        long before = nginx.sent();
        String job = submit(subject.body);
        Thread.sleep(millis);
        end.run();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(children()).as("nobody outlives it").isEmpty());
        for (String name : files()) {
            if (!name.startsWith(".")) {
                assertThat(folder.resolve("data").resolve("files").resolve(name))
                        .as("nothing half-done is visible")
                        .hasSameBinaryContentAs(subject.content);
            }
        }

        server.start();
        awaitCompleted(job);
        assertThat(server.content(job)).isEqualTo(Files.readAllBytes(subject.content));
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(files()).hasSize(1).noneMatch(name -> name.startsWith("."));
            assertThat(folder.resolve("data/downloads")).isEmptyDirectory();
        });
        assertThat(children()).isEmpty();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(nginx.sent() - before).isLessThanOrEqualTo(subject.sent + subject.twice));
        System.out.printf(
                "ended after %d of %d ms: %,d bytes came twice, %,d may%n",
                millis, subject.length.toMillis(), nginx.sent() - before - subject.sent, subject.twice);
        server.remove(job);
        awaitNothing();
    }

    private void awaitCompleted(String job) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(server.job(job).path("state").asText())
                        .as(() -> String.valueOf(server.log()))
                        .isEqualTo("completed"));
    }

    private void awaitNothing() {
        await().atMost(Duration.ofSeconds(10)).until(() -> files().isEmpty());
    }

    @Test
    void noChildOutlivesAServerThatIsKilledWhileYtDlpFetches() throws Exception {
        makeStream();
        String job = submit("{\"url\":\"" + nginx.url("slow/60000/talk.m3u8") + "\"}");
        await().atMost(PATIENCE)
                .until(() -> names().contains("yt-dlp")
                        && server.job(job).path("progress").path("bytes").asLong() > 0);
        nobodyOutlivesTheServer();
        server.start();
        isOneObjectInTheEnd(job);
    }

    @Test
    void noChildOutlivesAServerThatIsKilledWhileFfmpegWorks() throws Exception {
        makeStream();
        Path endless = Files.createFile(folder.resolve("endless"));
        String job = submit("{\"url\":\"" + nginx.url("talk.m3u8") + "\",\"quality\":\"audio\"}");
        await().atMost(PATIENCE).until(() -> names().contains("endless-ffmpeg"));
        assertThat(names()).contains("yt-dlp");
        nobodyOutlivesTheServer();
        Files.delete(endless);
        server.start();
        isOneObjectInTheEnd(job);
    }

    /// What its list still has when the server is back is not lost.
    @Test
    void aRecordingGoesOnAfterAKill() throws Exception {
        Process live = new ProcessBuilder(("ffmpeg -v error -nostdin -re -f lavfi -i testsrc2=size=320x180:rate=25"
                                + " -f lavfi -i sine -t 300 -c:v libx264 -preset ultrafast -g 25 -c:a aac"
                                + " -f hls -hls_time 1 -hls_list_size 60 news.m3u8")
                        .split(" "))
                .directory(nginx.files().toFile())
                .inheritIO()
                .start();
        try {
            await().atMost(PATIENCE).until(() -> Files.exists(nginx.files().resolve("news.m3u8")));
            String job = submit("{\"url\":\"" + nginx.url("news.m3u8") + "\",\"maxDuration\":8}");
            long piece = largest(".ts");
            await().atMost(PATIENCE).until(() -> recorded(job) > 5 * piece);
            server.kill();
            server.start();
            var seen = new ArrayList<Long>();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
                seen.add(recorded(job));
                return server.job(job).path("state").asText().equals("completed");
            });
            assertThat(seen)
                    .filteredOn(bytes -> bytes > 0)
                    .as("it goes on from what it had")
                    .allMatch(bytes -> bytes > 3 * piece);
            isOneObjectInTheEnd(job);
            Path recording = Files.write(folder.resolve("recording.mp4"), server.content(job));
            assertThat(frames(recording)).isEqualTo(8 * 25);
            assertThat(ServerProcess.text(server.get("/api/v1/jobs/" + job + "/events")))
                    .contains("completed")
                    .doesNotContain("stream_", "recording_lost");
        } finally {
            live.destroyForcibly().waitFor();
        }
    }

    /// Bytes that a job which records has; 0 once it puts them elsewhere.
    private long recorded(String job) throws IOException {
        JsonNode progress = server.job(job).path("progress");
        return progress.path("percent").asDouble() < 89 ? progress.path("bytes").asLong() : 0;
    }

    private static long frames(Path film) throws IOException, InterruptedException {
        Process probe = new ProcessBuilder(
                        ("ffprobe -v error -select_streams v -show_entries packet=codec_type -of csv=p=0 " + film)
                                .split(" "))
                .start();
        try (Stream<String> lines = probe.inputReader().lines()) {
            return lines.filter(line -> line.startsWith("video")).count();
        } finally {
            probe.waitFor();
        }
    }

    private String submit(String body) throws IOException {
        var answer = server.post("/api/download", body);
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
        awaitCompleted(job);
        assertThat(server.content(job)).hasSizeGreaterThan(10_000);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(files()).hasSize(1);
            assertThat(folder.resolve("data/downloads")).isEmptyDirectory();
        });
        assertThat(children()).isEmpty();
    }

    /// `talk.m3u8`, and `talk.mpd` with picture and sound by themselves.
    private void makeStream() throws IOException, InterruptedException {
        ffmpeg("-f lavfi -i testsrc2=size=320x180:rate=25:duration=16 -f lavfi -i sine=duration=16"
                + " -c:v libx264 -preset ultrafast -g 25 -c:a aac talk.mp4");
        ffmpeg("-i talk.mp4 -c copy -hls_time 1 -hls_list_size 0 -hls_playlist_type vod talk.m3u8");
        ffmpeg("-i talk.mp4 -c copy -seg_duration 1 -f dash talk.mpd");
    }

    private void ffmpeg(String words) throws IOException, InterruptedException {
        Process made = new ProcessBuilder(("ffmpeg -v error -y " + words).split(" "))
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
