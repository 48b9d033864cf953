package dev.sluice.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Servers that break, change, lie and refuse.
class DirectFaultsTest {
    private static final byte[] CONTENT = TestingNode.bytes(9 << 20);
    /// At a time for one file.
    private static final int CONNECTIONS = 4;

    @TempDir
    Path folder;

    private TestingNode node;
    private TestingSource source;

    @BeforeEach
    void open() {
        source = new TestingSource(CONTENT);
        node = new TestingNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
        source.close();
    }

    private Job done(String path) {
        return node.awaitEnd(node.submit(source.url(path)));
    }

    private void completes(Job job) {
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(CONTENT);
    }

    private Problem fails(Job job, ErrorCode code) {
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        Problem error = job.error();
        assertThat(error)
                .isNotNull()
                .satisfies(
                        problem -> assertThat(problem.code()).as("%s", problem).isEqualTo(code));
        node.awaitNothingHeld();
        assertThat(error).isNotNull();
        return error == null ? new Problem(code, "") : error;
    }

    @Test
    void aBrokenLineIsGoneOnWithFromWhereItBroke() {
        var drops = new AtomicInteger();
        source.answer(exchange -> {
            exchange.head206();
            if (drops.incrementAndGet() <= 6) {
                int to = Math.min(exchange.to(), exchange.from() + (600 << 10));
                exchange.body(exchange.from(), to);
                // What has not come would be dropped with the line.
                LockSupport.parkNanos(200_000_000);
                exchange.drop();
            } else {
                exchange.body(exchange.from(), exchange.to());
            }
        });
        completes(done("/film.mp4"));
        assertThat(drops.get()).isGreaterThan(6);
        assertThat(source.requests())
                .extracting(request -> request.header("Range").replaceFirst("-.*", ""))
                .doesNotHaveDuplicates();
    }

    @Test
    void aFileComesOverAsManyConnectionsAsAreAllowed() {
        var together = new CountDownLatch(TestingNode.CONNECTIONS);
        source.answer(exchange -> {
            together.countDown();
            exchange.head206();
            try {
                assertThat(together.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            exchange.body(exchange.from(), exchange.to());
        });
        completes(done("/film.mp4"));
        assertThat(source.accepted()).isEqualTo(TestingNode.CONNECTIONS);
    }

    @Test
    void aServerWithoutRangesIsReadInOneStream() {
        source.answer(TestingSource.Exchange::whole);
        completes(done("/film.mp4"));
        assertThat(source.requests()).hasSize(1);
    }

    @Test
    void aBrokenStreamWithoutRangesIsBegunAnew() {
        var drops = new AtomicInteger();
        source.answer(exchange -> {
            if (drops.incrementAndGet() == 1) {
                exchange.head(200, "Content-Length: " + CONTENT.length);
                exchange.body(0, 3 << 20);
                exchange.drop();
            } else {
                exchange.whole();
            }
        });
        completes(done("/film.mp4"));
    }

    @Test
    void aStreamWithoutALengthComesInChunks() {
        source.answer(exchange -> {
            exchange.head(200, "Transfer-Encoding: chunked");
            for (int at = 0; at < CONTENT.length; at += 100_000) {
                int some = Math.min(100_000, CONTENT.length - at);
                exchange.write((Integer.toHexString(some) + "\r\n").getBytes(US_ASCII));
                exchange.body(at, at + some);
                exchange.write("\r\n".getBytes(US_ASCII));
            }
            exchange.write("0\r\n\r\n".getBytes(US_ASCII));
        });
        completes(done("/film.mp4"));
    }

    @Test
    void aFileThatChangesMeanwhileIsFetchedAnew() {
        byte[] changed = TestingNode.bytes(8 << 20);
        var asked = new AtomicInteger();
        source.answer(exchange -> {
            if (asked.incrementAndGet() == 2) {
                source.change(changed, "\"two\"");
            }
            exchange.file();
        });
        Job job = done("/film.mp4");
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(changed);
        node.awaitHeld("film.mp4");
    }

    @Test
    void aFileThatChangesAllTheTimeFails() {
        var asked = new AtomicInteger();
        source.answer(exchange -> {
            source.change(CONTENT, "\"" + asked.incrementAndGet() + "\"");
            exchange.file();
        });
        fails(done("/film.mp4"), ErrorCode.SOURCE_CHANGED);
    }

    @Test
    void aServerThatLiesAboutItsRangesIsNotBelieved() {
        source.answer(exchange -> {
            if (exchange.from() == 0) {
                exchange.file();
                return;
            }
            int wrong = exchange.from() - 7;
            exchange.head(
                    206,
                    "Content-Range: bytes " + wrong + "-" + (exchange.to() - 1) + "/" + CONTENT.length,
                    "Content-Length: " + (exchange.to() - wrong),
                    "ETag: \"one\"");
            exchange.body(wrong, exchange.to());
        });
        assertThat(fails(done("/film.mp4"), ErrorCode.UPSTREAM_REFUSED).message())
                .contains("not to be relied on");
    }

    @Test
    void aServerThatSendsLessThanItSaysFailsTheDownload() {
        source.answer(exchange -> {
            exchange.head(200, "Content-Length: " + 2 * CONTENT.length);
            exchange.body(0, CONTENT.length);
            exchange.socket.shutdownOutput();
        });
        assertThat(fails(done("/film.mp4"), ErrorCode.UPSTREAM_UNAVAILABLE).message())
                .contains("breaks off");
    }

    @Test
    void refusalsSayWhatTheServerSays() {
        for (int status : new int[] {403, 404, 410, 401}) {
            source.answer(exchange -> exchange.empty(status));
            ErrorCode code = status == 404 || status == 410 ? ErrorCode.UPSTREAM_NOT_FOUND : ErrorCode.UPSTREAM_REFUSED;
            assertThat(fails(done("/film.mp4"), code).message()).contains(Integer.toString(status));
        }
    }

    @Test
    void whoIsAskedToWaitWaits() {
        var asked = new AtomicInteger();
        source.answer(exchange -> {
            if (asked.incrementAndGet() == 1) {
                exchange.empty(429, "Retry-After: 2");
            } else {
                exchange.file();
            }
        });
        long began = System.nanoTime();
        completes(done("/film.mp4"));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(2));
    }

    @Test
    void whoIsAskedToWaitInTheMiddleWaits() {
        byte[] small = TestingNode.bytes(1 << 20);
        source.change(small, "\"small\"");
        var refused = new AtomicLong();
        var next = new AtomicLong();
        brokenThen("2", refused, next);
        Job job = done("/film.mp4");
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(job.attempt()).isEqualTo(1);
        assertThat(node.stored(job)).isEqualTo(small);
        assertThat(Duration.ofNanos(next.get() - refused.get())).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void whoIsAskedToWaitForLongInTheMiddleGivesItsPlaceAway() {
        source.change(TestingNode.bytes(1 << 20), "\"small\"");
        brokenThen("60", new AtomicLong(), new AtomicLong());
        Instant begin = Instant.now();
        Job job = node.submit(source.url("/film.mp4"));
        await().atMost(Duration.ofSeconds(10)).until(() -> node.now(job).attempt() == 2);
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        assertThat(node.now(job).notBefore()).isAfter(begin.plusSeconds(59));
        assertThat(node.now(job).bytes()).isPositive();
        node.cancel(job);
        node.awaitNothingHeld();
    }

    /// Half of the file, a refusal, and the rest to whoever asks again.
    private void brokenThen(String retryAfter, AtomicLong refused, AtomicLong next) {
        var asked = new AtomicInteger();
        source.answer(exchange -> {
            switch (asked.incrementAndGet()) {
                case 1 -> {
                    exchange.head206();
                    exchange.body(0, exchange.to() / 2);
                    pause(500);
                    exchange.drop();
                }
                case 2 -> {
                    exchange.empty(429, "Retry-After: " + retryAfter);
                    refused.set(System.nanoTime());
                }
                default -> {
                    next.compareAndSet(0, System.nanoTime());
                    exchange.file();
                }
            }
        });
    }

    @Test
    void aServerThatGivesOneConnectionOnlyIsContentWithOne() {
        var busy = new AtomicInteger();
        source.answer(exchange -> {
            if (busy.incrementAndGet() > 1) {
                busy.decrementAndGet();
                exchange.empty(429, "Retry-After: 60");
                return;
            }
            try {
                exchange.file();
            } finally {
                busy.decrementAndGet();
            }
        });
        completes(done("/film.mp4"));
    }

    @Test
    void aServerThatSendsOneByteASecondFailsTheDownload() {
        dripsIn("video/mp4");
        dripsIn("text/html");
        dripsIn("application/vnd.apple.mpegurl");
    }

    private void dripsIn(String type) {
        source.answer(exchange -> {
            exchange.head(200, "Content-Type: " + type, "Content-Length: " + CONTENT.length);
            for (int i = 0; i < 100; i++) {
                exchange.body(i, i + 1);
                pause(500);
            }
        });
        assertThat(fails(done("/film"), ErrorCode.UPSTREAM_UNAVAILABLE).message())
                .as(type)
                .contains("less than");
    }

    @Test
    void aServerThatGivesAnotherConnectionForEachByteFailsTheDownload() {
        source.answer(exchange -> {
            pause(50);
            part(exchange, exchange.from() + 1, "ETag: \"1\"");
            exchange.body(exchange.from(), exchange.from() + 1);
            exchange.socket.close();
        });
        assertThat(fails(done("/film"), ErrorCode.UPSTREAM_UNAVAILABLE).message())
                .contains("less than");
    }

    /// Of a file that stays the same as it seems.
    @Test
    void partsThatComePackedAreRefused() {
        source.answer(exchange -> {
            part(
                    exchange,
                    exchange.to(),
                    "ETag: \"1\"",
                    exchange.from() == 0 ? "X-Packed: no" : "Content-Encoding: gzip");
            exchange.body(exchange.from(), exchange.to());
        });
        assertThat(fails(done("/film"), ErrorCode.UPSTREAM_REFUSED).message()).contains("packed as gzip");
        assertThat(node.held()).isEmpty();
    }

    @Test
    void partsThatHaveLostTheirTagAreOfAnotherFile() {
        source.answer(exchange -> {
            part(exchange, exchange.to(), exchange.from() == 0 ? "ETag: \"1\"" : "X-Tag: none");
            exchange.body(exchange.from(), exchange.to());
        });
        fails(done("/film"), ErrorCode.SOURCE_CHANGED);
    }

    private static void part(TestingSource.Exchange exchange, int to, String... headers) throws IOException {
        var all = new ArrayList<>(List.of(headers));
        all.add("Content-Range: bytes " + exchange.from() + "-" + (to - 1) + "/" + CONTENT.length);
        all.add("Content-Length: " + (to - exchange.from()));
        exchange.head(206, all.toArray(String[]::new));
    }

    @Test
    void aSilentServerFailsTheDownload() {
        source.answer(exchange -> pause(20_000));
        fails(done("/film.mp4"), ErrorCode.UPSTREAM_UNAVAILABLE);
    }

    @Test
    void aConnectionThatStandsStillIsReplaced() {
        node.waitFor(Patience.STANDARD);
        var stalled = new AtomicInteger(-1);
        source.answer(exchange -> {
            exchange.head206();
            if (exchange.from() > 0 && stalled.compareAndSet(-1, exchange.from())) {
                exchange.body(exchange.from(), exchange.from() + 1000);
                pause(60_000);
            }
            inSteps(exchange, 30);
        });
        long began = System.nanoTime();
        completes(done("/film.mp4"));
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("long before it counts as broken")
                .isLessThan(Patience.STANDARD.silence().dividedBy(2));
        assertThat(source.requests())
                .extracting(DirectFaultsTest::from)
                .filteredOn(from -> from >= stalled.get() && from <= stalled.get() + 1000)
                .as("it, and who took its place")
                .hasSize(2);
    }

    /// The others are done long before anything is known of how fast it is, and less is left than is divided.
    @Test
    void aConnectionThatCrawlsIsOpenedAnewWhereItWas() {
        var crawling = new AtomicInteger(-1);
        source.answer(exchange -> {
            exchange.head206();
            if (exchange.from() > 0 && crawling.compareAndSet(-1, exchange.from())) {
                for (int at = exchange.from(); at < exchange.to(); at += 1000) {
                    exchange.body(at, Math.min(exchange.to(), at + 1000));
                    pause(100);
                }
            }
            inSteps(exchange, 30);
        });
        completes(done("/film.mp4"));
        assertThat(source.requests())
                .filteredOn(request -> request.number() > CONNECTIONS)
                .extracting(DirectFaultsTest::from)
                .anySatisfy(from -> assertThat(from).isBetween(crawling.get() + 1000, crawling.get() + (1 << 20)));
        // What others have done with may serve for it.
        assertThat(source.accepted()).isBetween(CONNECTIONS, 3 * CONNECTIONS);
    }

    @Test
    void whatASlowConnectionHasLeftIsDividedAmongThoseThatAreDone() {
        byte[] large = TestingNode.bytes(40 << 20);
        source.change(large, "\"large\"");
        var slow = new AtomicInteger(-1);
        var most = new AtomicInteger();
        source.answer(exchange -> {
            most.accumulateAndGet(source.connections(), Math::max);
            exchange.head206();
            boolean isSlow = exchange.from() > 0 && slow.compareAndSet(-1, exchange.from());
            inSteps(exchange, isSlow ? 40 : 10);
        });
        Job job = done("/film.mp4");
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(large);
        assertThat(source.requests())
                .filteredOn(request -> request.number() > CONNECTIONS)
                .extracting(DirectFaultsTest::from)
                .anySatisfy(from -> assertThat(from).isBetween(slow.get() + (1 << 20), slow.get() + (20 << 20)));
        // One that is left may not be seen as closed before another one is open.
        assertThat(most.get()).isBetween(CONNECTIONS, CONNECTIONS + 1);
    }

    private static int from(TestingSource.Request request) {
        String range = request.header("Range");
        return Integer.parseInt(range.substring(range.indexOf('=') + 1, range.indexOf('-')));
    }

    private static void inSteps(TestingSource.Exchange exchange, int millis) throws IOException {
        for (int at = exchange.from(); at < exchange.to(); at += 64 << 10) {
            exchange.body(at, Math.min(exchange.to(), at + (64 << 10)));
            pause(millis);
        }
    }

    @Test
    void endlessRedirectsEnd() {
        source.answer(exchange -> exchange.empty(302, "Location: /again" + exchange.request.number()));
        assertThat(fails(done("/film.mp4"), ErrorCode.UPSTREAM_REFUSED).message())
                .contains("more than 10 times");
    }

    @Test
    void aRedirectIsFollowedAndGivesTheName() {
        source.answer(exchange -> {
            if (exchange.request.path().equals("/start")) {
                exchange.empty(302, "Location: " + source.url("/files/the%20film.mp4?x=1"));
            } else {
                exchange.file();
            }
        });
        Job job = done("/start");
        completes(job);
        node.awaitHeld("the film.mp4");
    }

    @Test
    void theServerNamesTheFile() {
        source.answer(exchange -> {
            exchange.head(
                    200,
                    "Content-Length: 3",
                    "Content-Disposition: attachment; filename=\"bad.txt\"; filename*=UTF-8''..%2F%C3%BCber%20"
                            + "x".repeat(300) + ".txt");
            exchange.body(0, 3);
        });
        Job job = done("/film.mp4");
        assertThat(job.state()).isEqualTo(JobState.COMPLETED);
        assertThat(Downloads.stored(job).key())
                .startsWith("über x")
                .endsWith(".txt")
                .hasSizeLessThan(201);
    }

    @Test
    void aChecksumIsVerified() throws Exception {
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
        fails(node.awaitEnd(node.submit(request("sha256:" + "0".repeat(64)))), ErrorCode.CHECKSUM_MISMATCH);
        completes(node.awaitEnd(node.submit(request("sha256:" + sum))));
    }

    private DownloadRequest request(String checksum) {
        return new DownloadRequest(source.url("/a.bin"), null, null, false, null, false, null, null, checksum, null);
    }

    @Test
    void whatIsNoHttpFails() {
        source.answer(exchange -> exchange.write("what?\r\n\r\n".getBytes(US_ASCII)));
        fails(done("/film.mp4"), ErrorCode.UPSTREAM_UNAVAILABLE);
    }

    private static void pause(long millis) {
        await().pollDelay(Duration.ofMillis(millis))
                .atMost(Duration.ofMillis(millis + 5_000))
                .until(() -> true);
    }

    @Test
    void aLiveStreamHasNoEndAndIsRefused() {
        source.answer(exchange -> {
            String list = exchange.request.path().equals("/live.m3u8")
                    ? "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nform.m3u8\n"
                    : "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\none.ts\n";
            exchange.head(200, "Content-Type: application/vnd.apple.mpegurl", "Content-Length: " + list.length());
            exchange.write(list.getBytes(US_ASCII));
        });
        for (String path : new String[] {"/live.m3u8", "/form.m3u8"}) {
            assertThat(fails(done(path), ErrorCode.UPSTREAM_REFUSED).message()).contains("live stream", "limit");
        }
        assertThat(source.requests()).hasSize(3);
        source.answer(exchange -> {
            String description =
                    "<?xml version=\"1.0\"?>\n<MPD\n xmlns=\"urn:mpeg:dash:schema:mpd:2011\"\n type=\"dynamic\">";
            exchange.head(200, "Content-Type: application/dash+xml", "Content-Length: " + description.length());
            exchange.write(description.getBytes(US_ASCII));
        });
        assertThat(fails(done("/live.mpd"), ErrorCode.UPSTREAM_REFUSED).message())
                .contains("live stream", "does not come by HLS");
    }

    @Test
    void aNameWithoutEndIsCut() {
        for (String name : new String[] {"x".repeat(20_000), "\\\\".repeat(10_000) + "x"}) {
            source.answer(exchange -> {
                exchange.head(200, "Content-Length: 3", "Content-Disposition: attachment; filename=\"" + name + "\"");
                exchange.body(0, 3);
            });
            Job job = done("/film.mp4");
            assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
            assertThat(Downloads.stored(job).key()).hasSizeLessThan(201);
        }
    }

    @Test
    void numbersThatCannotBeAndPartsOfNobodyKnowsWhatAreNotBelieved() {
        for (String range : new String[] {"0-99/99999999999999999999", "0-9/*"}) {
            source.answer(exchange -> {
                exchange.head(206, "Content-Range: bytes " + range, "Content-Length: 10");
                exchange.body(0, 10);
            });
            assertThat(fails(done("/film.mp4"), ErrorCode.UPSTREAM_REFUSED).message())
                    .contains("not to be relied on");
        }
    }

    @Test
    void whatIsPackedUnaskedIsNotTakenForTheFile() {
        source.answer(exchange -> {
            exchange.head(200, "Content-Encoding: gzip", "Content-Length: 10");
            exchange.body(0, 10);
        });
        assertThat(fails(done("/film.mp4"), ErrorCode.UPSTREAM_REFUSED).message())
                .contains("gzip");
    }
}
