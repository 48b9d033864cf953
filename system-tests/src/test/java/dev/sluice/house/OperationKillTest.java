package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `SIGKILL` for `sluice serve` in the middle of a move of 300 files onto another disk, at random moments.
/// `dev/operations` kills more often.
class OperationKillTest {
    private static final int KILLS = Integer.getInteger("sluice.kills", 4);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final int FILES = 300;
    private static final Path OTHER_DISK = Path.of("/dev/shm");
    /// What the move takes at the least, so that kills come at every moment of it.
    private static final Duration LENGTH = Duration.ofMillis(800);

    @TempDir
    Path folder;

    private Path far;
    private Path source;
    private ServerProcess server;
    private long bytes;

    @BeforeEach
    void start() throws IOException {
        far = Files.createTempDirectory(OTHER_DISK, "sluice-kill");
        source = Files.createDirectory(folder.resolve("source"));
        assertThat(Files.getAttribute(far, "unix:dev")).isNotEqualTo(Files.getAttribute(source, "unix:dev"));
        server = new ServerProcess(folder, List.of("files.roots=" + source + "," + far, "operations.port=0")).start();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        try (Stream<Path> all = Files.walk(far)) {
            for (Path path : all.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void nothingIsLostTwiceOrHalf() throws Exception {
        System.out.println("moves: " + KILLS + " kills, seed " + SEED);
        var random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            long millis = random.nextLong(LENGTH.toMillis() * 3 / 2);
            try {
                killed(kill, random, millis);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + SEED + ", kill " + kill + " after " + millis + " ms\n" + server.log(), e);
            }
        }
    }

    private void killed(int number, Random random, long millis) throws Exception {
        Path shots = source.resolve("shots-" + number);
        Map<String, String> expected = filled(shots, random);
        Path target = Files.createDirectory(far.resolve("into-" + number));
        String job = moved(shots, target);

        Thread.sleep(millis);
        server.kill();

        Map<String, String> here = visible(shots);
        Map<String, String> there = visible(target.resolve(shots.getFileName()));
        expected.forEach((name, content) -> {
            assertThat(here.getOrDefault(name, content)).as("source %s", name).isEqualTo(content);
            assertThat(there.getOrDefault(name, content)).as("target %s", name).isEqualTo(content);
            assertThat(here.containsKey(name) || there.containsKey(name))
                    .as(name)
                    .isTrue();
        });

        server.start();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(server.job(job).path("state").asText())
                        .as(() -> String.valueOf(server.log()))
                        .isEqualTo("completed"));
        assertThat(all(target)).isEqualTo(below(shots.getFileName() + "/", expected));
        assertThat(shots).doesNotExist();
        assertThat(all(source)).isEmpty();
    }

    private Map<String, String> filled(Path shots, Random random) throws IOException {
        Files.createDirectory(shots);
        var expected = new TreeMap<String, String>();
        bytes = 0;
        for (int frame = 0; frame < FILES; frame++) {
            byte[] content = new byte[random.nextInt(100_000)];
            random.nextBytes(content);
            String name = "shot.%04d.exr".formatted(frame);
            Files.write(shots.resolve(name), content);
            expected.put(name, new String(content, StandardCharsets.ISO_8859_1));
            bytes += content.length;
        }
        return expected;
    }

    private String moved(Path from, Path to) throws IOException {
        long bandwidth = bytes * 1000 / LENGTH.toMillis();
        var answer = server.post(
                "/api/v1/operations",
                "{\"operation\":\"move\",\"sources\":[\"" + from + "\"],\"target\":\"" + to + "/\",\"bandwidth\":"
                        + bandwidth + "}");
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(202);
        return ServerProcess.json(answer).path("id").asText();
    }

    private static Map<String, String> below(String folder, Map<String, String> files) {
        var below = new TreeMap<String, String>();
        files.forEach((name, content) -> below.put(folder + name, content));
        return below;
    }

    /// Files under real names.
    private static Map<String, String> visible(Path folder) {
        Map<String, String> files = all(folder);
        files.keySet().removeIf(name -> name.startsWith("."));
        return files;
    }

    /// Every file below a folder, hidden ones too, with what it says.
    private static Map<String, String> all(Path folder) {
        var files = new TreeMap<String, String>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(
                        folder.relativize(path).toString(),
                        new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
            }
        } catch (NoSuchFileException e) {
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
