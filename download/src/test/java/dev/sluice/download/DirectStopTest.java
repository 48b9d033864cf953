package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Reachable;
import dev.sluice.testing.TestingNginx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Cancel, pause, crash: nothing is left, or nothing is lost.
class DirectStopTest {
    private static final byte[] CONTENT = TestingNode.bytes(16 << 20);

    @TempDir
    Path folder;

    private TestingNode node;
    private TestingNginx nginx;

    @BeforeEach
    void open() throws IOException {
        nginx = TestingNginx.start();
        Files.write(nginx.files().resolve("film.mp4"), CONTENT);
        node = new TestingNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
        nginx.close();
    }

    private Job slow() {
        return node.submit(nginx.url("slow/2000000/film.mp4").toString());
    }

    @Test
    void cancelInTheMiddleLeavesNothing() {
        Job job = slow();
        node.awaitBytes(job, 1 << 20);
        node.cancel(job);
        node.awaitNothingHeld();
        assertThat(node.now(job).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void cancelOfWhatWaitsLeavesNothing() {
        Job job = node.downloads.submit(
                new DownloadRequest(
                        nginx.url("film.mp4").toString(),
                        null,
                        null,
                        false,
                        null,
                        false,
                        null,
                        null,
                        null,
                        java.time.Instant.now().plusSeconds(600)),
                dev.sluice.core.Owner.LOCAL,
                null,
                null);
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        node.cancel(job);
        assertThat(node.held()).isEmpty();
    }

    @Test
    void cancelWhileTheServerIsAskedLeavesNothing() {
        try (var source = new TestingSource(CONTENT)) {
            source.answer(exchange -> exchange.socket.getInputStream().read());
            Job job = node.submit(source.url("/film.mp4"));
            await().until(() -> !source.requests().isEmpty());
            node.cancel(job);
            await().atMost(Duration.ofSeconds(2)).until(() -> source.connections() == 0);
            assertThat(node.held()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPausedDownloadGoesOnWhereItWas(boolean crash) {
        Job job = slow();
        node.awaitBytes(job, 4 << 20);
        node.engine.pause(job.id());
        node.engine.awaitStopped(job.id());
        if (crash) {
            node.crashAndRestart();
            assertThat(node.now(job).state()).isEqualTo(JobState.PAUSED);
        }
        long before = node.now(job).bytes();
        long sent = nginx.sent();
        node.engine.resume(job.id());
        Job ended = node.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(CONTENT);
        assertThat(before).isGreaterThanOrEqualTo(4 << 20);
        assertThat(nginx.sent() - sent).isLessThan(CONTENT.length - before + (4L << 20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Server: none", "ETag: W/\"one\""})
    void whatNobodyCanKnowAgainIsFetchedAnewAfterAPause(String tag) {
        byte[] other = CONTENT.clone();
        for (int i = 0; i < other.length; i++) {
            other[i] ^= 1;
        }
        try (var source = new TestingSource(CONTENT)) {
            source.answer(exchange -> {
                part(exchange, tag);
                exchange.body(exchange.from(), Math.min(exchange.to(), exchange.from() + (3 << 20)));
                exchange.socket.getInputStream().read();
            });
            Job job = node.submit(source.url("/film.mp4"));
            node.awaitBytes(job, 2 << 20);
            node.engine.pause(job.id());
            node.engine.awaitStopped(job.id());
            assertThat(node.now(job).bytes()).isPositive();

            source.change(other, "");
            source.answer(exchange -> {
                part(exchange, tag);
                exchange.body(exchange.from(), exchange.to());
            });
            node.engine.resume(job.id());
            Job ended = node.awaitEnd(job);
            assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
            assertThat(node.stored(job)).isEqualTo(other);
        }
    }

    /// With neither a strong ETag nor Last-Modified.
    private static void part(TestingSource.Exchange exchange, String header) throws IOException {
        exchange.head(
                206,
                header,
                "Content-Range: bytes " + exchange.from() + "-" + (exchange.to() - 1) + "/" + CONTENT.length,
                "Content-Length: " + (exchange.to() - exchange.from()));
    }

    @Test
    void afterACrashItGoesOnWhereItWas() {
        Job job = slow();
        node.awaitBytes(job, 6 << 20);
        await().until(() -> node.now(job).bytes() > 4 << 20);
        node.crashAndRestart();
        long before = node.now(job).bytes();
        long sent = nginx.sent();
        Job ended = node.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(CONTENT);
        node.awaitHeld("film.mp4");
        assertThat(nginx.sent() - sent).isLessThan(CONTENT.length - before + (4L << 20));
        assertThat(ended.attempt()).isEqualTo(1);
    }

    @Test
    void percentagesNeverGoBack() {
        Job job = slow();
        node.awaitEnd(job);
        List<Double> seen = node.progress.stream().map(moved -> moved.percent()).toList();
        assertThat(seen).isSorted().allSatisfy(percent -> assertThat(percent).isBetween(5.0, 98.0));
        assertThat(seen).anySatisfy(percent -> assertThat(percent).isBetween(15.0, 97.0));
    }

    @Test
    void theHostsShareLetsSomeWait() {
        node.close();
        node = new TestingNode(
                folder.resolve("other"),
                new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED),
                plain -> new DownloadSettings(
                        plain.maxSize(),
                        8,
                        8,
                        1,
                        1,
                        null,
                        null,
                        List.of(),
                        plain.ytDlp(),
                        plain.ffmpeg(),
                        plain.work(),
                        plain.cookies()),
                Map.of());
        Job first = slow();
        Job second = slow();
        Job third = slow();
        node.awaitBytes(first, 1 << 20);
        assertThat(node.engine.queue(Downloads.KIND)).containsExactly(second.id(), third.id());
        node.engine.move(third.id(), 1);
        assertThat(node.engine.queue(Downloads.KIND)).containsExactly(third.id(), second.id());
        node.cancel(first);
        node.awaitBytes(third, 1);
        assertThat(node.now(second).state()).isEqualTo(JobState.PENDING);
        node.cancel(third);
        node.cancel(second);
        node.awaitNothingHeld();
    }
}
