package dev.sluice.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.Reachable;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How much, how many, how fast: of plain files, whatever their servers announce.
@Timeout(120)
class DirectLimitsTest {
    private static final int MIB = 1 << 20;
    private static final byte[] CONTENT = TestingNode.bytes(6 * MIB);
    /// What the kernels at both ends take before anybody has read it.
    private static final long UNREAD = 16L * MIB;

    @TempDir
    Path folder;

    private final TestingSource source = new TestingSource(CONTENT);

    @AfterEach
    void close() {
        source.close();
    }

    private TestingNode node(long maxSize, int perOwner, @Nullable Long bandwidth, @Nullable Long hostBandwidth) {
        return new TestingNode(
                folder,
                new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED, host ->
                        new InetAddress[] {InetAddress.getLoopbackAddress()}),
                plain -> new DownloadSettings(
                        maxSize,
                        8,
                        perOwner,
                        8,
                        4,
                        bandwidth,
                        hostBandwidth,
                        List.of(),
                        plain.ytDlp(),
                        plain.ffmpeg(),
                        plain.work(),
                        plain.cookies()),
                Map.of());
    }

    // ---- How much

    private Job isTooLarge(TestingSource.Answering answer) {
        source.answer(answer);
        try (var node = node(MIB, 8, null, null)) {
            Job job = node.awaitEnd(node.submit(source.url("/film.mp4")));
            assertThat(job.state()).isEqualTo(JobState.FAILED);
            assertThat(job.error()).isNotNull().satisfies(problem -> {
                assertThat(problem.code()).as("%s", problem).isEqualTo(ErrorCode.TOO_LARGE);
                assertThat(problem.message()).contains(Integer.toString(MIB));
            });
            assertThat(job.bytes()).isLessThanOrEqualTo(MIB);
            assertThat(source.requests()).hasSize(1);
            node.awaitNothingHeld();
            return job;
        }
    }

    @Test
    void whatIsAnnouncedAsTooLargeIsRefusedBeforeAByteOfItIsTaken() {
        Job job = isTooLarge(exchange -> {
            exchange.head(200, "Content-Length: " + (MIB + 1));
            exchange.body(0, 1);
        });
        assertThat(job.bytes()).isZero();
    }

    @Test
    void aPartOfWhatIsTooLargeIsRefused() {
        isTooLarge(exchange -> {
            exchange.head(206, "Content-Range: bytes 0-9/" + (MIB + 1), "Content-Length: 10");
            exchange.body(0, 10);
        });
    }

    @Test
    void aBodyThatOnlyTheEndOfItsConnectionEndsIsCutAtTheLimit() {
        isTooLarge(exchange -> {
            exchange.head(200);
            for (int i = 0; i < 1_000; i++) {
                exchange.body(0, CONTENT.length);
            }
        });
        assertThat(source.sent()).isLessThan(MIB + UNREAD);
    }

    @Test
    void aBodyInPiecesWithoutEndIsCutAtTheLimit() {
        isTooLarge(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            for (int i = 0; i < 10_000; i++) {
                exchange.write("10000\r\n".getBytes(US_ASCII));
                exchange.body(0, 0x10000);
                exchange.write("\r\n".getBytes(US_ASCII));
            }
        });
        assertThat(source.sent()).isLessThan(MIB + UNREAD);
    }

    @Test
    void ofAServerThatSendsMoreThanItAnnouncesOnlyThatIsTaken() {
        int announced = 100_000;
        source.answer(exchange -> {
            exchange.head(200, "Content-Length: " + announced);
            exchange.body(0, CONTENT.length);
        });
        onlyTheBeginningIsStored(announced);
    }

    @Test
    void ofAPartThatIsLongerThanItsServerSaysOnlyThatIsTaken() {
        int announced = 100_000;
        source.answer(exchange -> {
            exchange.head(
                    206,
                    "Content-Range: bytes 0-" + (announced - 1) + "/" + announced,
                    "Transfer-Encoding: chunked",
                    "ETag: \"one\"");
            exchange.write((Integer.toHexString(2 * announced) + "\r\n").getBytes(US_ASCII));
            exchange.body(0, 2 * announced);
            exchange.write("\r\n0\r\n\r\n".getBytes(US_ASCII));
        });
        onlyTheBeginningIsStored(announced);
    }

    private void onlyTheBeginningIsStored(int announced) {
        try (var node = node(MIB, 8, null, null)) {
            Job job = node.awaitEnd(node.submit(source.url("/film.mp4")));
            assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
            assertThat(job.bytes()).isEqualTo(announced);
            assertThat(node.stored(job)).isEqualTo(Arrays.copyOf(CONTENT, announced));
            await().atMost(Duration.ofSeconds(5)).until(() -> source.connections() == 0);
        }
    }

    // ---- How many

    @Test
    void anOwnersShareLetsOnlyThatOwnerWait() {
        source.answer(exchange -> {
            exchange.head206();
            for (int at = exchange.from(); at < exchange.to(); at += 100) {
                exchange.body(at, Math.min(exchange.to(), at + 100));
                LockSupport.parkNanos(30_000_000);
            }
        });
        try (var node = node(1L << 30, 1, null, null)) {
            Job first = submit(node, "ann", "1");
            node.awaitBytes(first, 1);
            Job second = submit(node, "ann", "2");
            Job others = submit(node, "bob", "3");
            node.awaitBytes(others, 1);
            assertThat(node.engine.queue(Downloads.KIND)).containsExactly(second.id());
            assertThat(node.now(second).state()).isEqualTo(JobState.PENDING);
            node.cancel(first);
            node.awaitBytes(second, 1);
            node.cancel(second);
            node.cancel(others);
            node.awaitNothingHeld();
        }
    }

    private Job submit(TestingNode node, String owner, String name) {
        return node.downloads.submit(DownloadRequest.of(source.url("/" + name)), new Owner(owner), null, null);
    }

    // ---- How fast

    /// Of all together, also where they are of several hosts; or of one host.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void plainFilesAreWithinTheBandwidth(boolean ofAll) {
        long limit = 4L * MIB;
        try (var node = node(1L << 30, 8, ofAll ? (Long) limit : null, ofAll ? null : (Long) limit)) {
            long began = System.nanoTime();
            Job one = node.submit(source.url("/one"));
            Job two = node.submit(ofAll ? otherHost(source.url("/two")) : source.url("/two"));
            for (Job job : List.of(one, two)) {
                Job ended = node.awaitEnd(job);
                assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
                assertThat(node.stored(job)).isEqualTo(CONTENT);
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            assertThat(2 * CONTENT.length / seconds).as("bytes a second").isLessThan(1.2 * limit);
        }
    }

    /// The same server by another name.
    private static String otherHost(String url) {
        return url.replace("127.0.0.1", "other.example.org");
    }

    @Test
    void aHostThatIsAtItsLimitDoesNotHoldUpAnother() {
        try (var node = node(1L << 30, 8, null, MIB / 8L)) {
            Job slow = node.submit(source.url("/slow"));
            node.awaitBytes(slow, 1);
            try (var other = new TestingSource(TestingNode.bytes(MIB / 8))) {
                Job quick = node.submit(otherHost(other.url("/quick")));
                assertThat(node.awaitEnd(quick).state()).isEqualTo(JobState.COMPLETED);
            }
            assertThat(node.now(slow).state()).isEqualTo(JobState.RUNNING);
            node.cancel(slow);
            node.awaitHeld("quick");
        }
    }
}
