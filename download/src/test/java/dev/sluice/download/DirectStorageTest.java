package dev.sluice.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Storages that fail, that take bytes in order only, that do not give back what they have; and servers that give fewer
/// connections than they are asked for.
@Timeout(60)
class DirectStorageTest {
    private static final byte[] CONTENT = TestingNode.bytes(20 << 20);

    @TempDir
    Path folder;

    private TestingNode node;
    private TestingSource source;
    private TestingCloud ordered;
    private TestingCloud scattered;

    @BeforeEach
    void open() {
        source = new TestingSource(CONTENT);
        ordered = new TestingCloud(folder.resolve("ordered"), false);
        scattered = new TestingCloud(folder.resolve("scattered"), true);
        node = new TestingNode(
                folder,
                new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED),
                plain -> plain,
                Map.of("ordered", ordered, "scattered", scattered));
    }

    @AfterEach
    void close() {
        node.close();
        source.close();
    }

    /// Four connections with pieces of 4 MiB: the fifth piece waits until the first is taken.
    @Test
    void noMoreIsFetchedAheadThanTheWindowHolds() {
        var gate = new Gate();
        ordered.onWrite(offset -> gate.pass());
        Job job = submit("ordered");
        gate.awaitReached();
        await().until(() -> source.requests().size() >= 4);
        await().during(Duration.ofMillis(500))
                .until(() -> source.requests().stream()
                        .map(request -> request.header("Range").replaceAll("\\D*(\\d+)-.*", "$1"))
                        .mapToLong(Long::parseLong)
                        .allMatch(from -> from < 16 << 20));
        gate.open();
        completes(job);
    }

    private TestingCloud cloud(String name) {
        return name.equals("ordered") ? ordered : scattered;
    }

    private Job submit(String storage) {
        return submit(storage, null);
    }

    private Job submit(String storage, @Nullable String checksum) {
        return node.submit(new DownloadRequest(
                source.url("/film.mp4"), null, null, false, null, false, storage, null, checksum, null));
    }

    private void completes(Job job) {
        Job ended = node.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(CONTENT);
        assertThat(ended.bytes()).isEqualTo(CONTENT.length);
    }

    private Problem fails(Job job, ErrorCode code) {
        Job ended = node.awaitEnd(job);
        assertThat(ended.state()).isEqualTo(JobState.FAILED);
        Problem error = ended.error();
        assertThat(error)
                .isNotNull()
                .satisfies(
                        problem -> assertThat(problem.code()).as("%s", problem).isEqualTo(code));
        return error == null ? new Problem(code, "") : error;
    }

    private boolean saysThatItChanged(Job job) {
        return node.state.events().read(0, Long.MAX_VALUE, job.id(), 1_000).stream()
                .anyMatch(event -> event.data().json().contains("source_changed"));
    }

    // ---- One connection too many

    /// 0: it resets the connection.
    @ParameterizedTest(name = "{1} into a storage that is {0}")
    @CsvSource({"ordered, 503", "scattered, 503", "ordered, 403", "scattered, 403", "ordered, 0", "scattered, 0"})
    void aServerThatGivesOneConnectionOnlyIsContentWithOne(String storage, int answer) {
        var busy = new AtomicInteger();
        source.answer(exchange -> {
            if (busy.incrementAndGet() > 1) {
                busy.decrementAndGet();
                if (answer == 0) {
                    exchange.drop();
                } else {
                    exchange.empty(answer);
                }
                return;
            }
            try {
                exchange.head206();
                slowly(exchange, exchange.to());
            } finally {
                busy.decrementAndGet();
            }
        });
        Job job = submit(storage);
        completes(job);
        assertThat(node.now(job).attempt()).isEqualTo(1);
    }

    private static void slowly(TestingSource.Exchange exchange, int end) throws IOException {
        for (int at = exchange.from(); at < end; at += 256 << 10) {
            exchange.body(at, Math.min(end, at + (256 << 10)));
            LockSupport.parkNanos(5_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ordered", "scattered"})
    void whatIsRefusedToAllConnectionsFails(String storage) {
        source.answer(exchange -> {
            if (exchange.request.number() == 1) {
                exchange.head206();
                slowly(exchange, exchange.to() / 2);
                exchange.drop();
            } else {
                exchange.empty(403);
            }
        });
        assertThat(fails(submit(storage), ErrorCode.UPSTREAM_REFUSED).message()).contains("403");
    }

    @Test
    void aServerThatGivesLessThanItIsAskedForIsAskedForTheRest() {
        source.answer(exchange -> {
            int to = Math.min(exchange.to(), exchange.from() + (1 << 20));
            exchange.head(
                    206,
                    "Content-Range: bytes " + exchange.from() + "-" + (to - 1) + "/" + CONTENT.length,
                    "Content-Length: " + (to - exchange.from()),
                    "ETag: \"one\"");
            exchange.body(exchange.from(), to);
        });
        completes(submit("ordered"));
    }

    /// It stands where the answer to the next request is read.
    @Test
    void whatAServerSendsTooMuchIsNotTakenForItsNextAnswer() {
        source.answer(exchange -> {
            exchange.head206();
            int last = exchange.to() - 1;
            exchange.body(exchange.from(), last);
            var bytes = new ByteArrayOutputStream();
            bytes.write(CONTENT[last]);
            bytes.writeBytes("HTTP/1.1 206 Word\r\nContent-Range: bytes 0-3/4\r\nContent-Length: 4\r\n\r\nbad!"
                    .getBytes(US_ASCII));
            exchange.write(bytes.toByteArray());
        });
        Job job = submit("ordered");
        completes(job);
        assertThat(saysThatItChanged(job)).isFalse();
        assertThat(source.accepted())
                .as("each request's own")
                .isEqualTo(source.requests().size());
    }

    // ---- Storages that fail

    @ParameterizedTest
    @ValueSource(strings = {"ordered", "scattered"})
    void aStorageThatFailsIsNotTakenForTheSource(String storage) {
        cloud(storage).onWrite(offset -> {
            if (offset > 6 << 20) {
                throw new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "the bucket is away");
            }
        });
        Job job = submit(storage);
        assertThat(fails(job, ErrorCode.UPSTREAM_UNAVAILABLE).message()).contains("the bucket is away");
        assertThat(saysThatItChanged(job)).isFalse();
        assertThat(source.requests()).as("three attempts").hasSizeLessThanOrEqualTo(24);
    }

    @Test
    void aStorageThatFailsUnderAStreamWithoutRangesDoesNotBeginItAnewInTheSameAttempt() {
        source.answer(TestingSource.Exchange::whole);
        ordered.onWrite(offset -> {
            throw new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "the bucket is away");
        });
        Job job = submit("ordered");
        assertThat(fails(job, ErrorCode.UPSTREAM_UNAVAILABLE).message()).contains("the bucket is away");
        assertThat(saysThatItChanged(job)).isFalse();
        assertThat(source.requests()).as("one for each attempt").hasSize(3);
    }

    /// Of a segment that is under way 10 s are left then.
    @Test
    void whatFailsIsToldAtOnceAndNoOtherConnectionGoesOn() {
        source.answer(exchange -> {
            exchange.head206();
            for (int at = exchange.from(); at < exchange.to(); at += 64 << 10) {
                exchange.body(at, Math.min(exchange.to(), at + (64 << 10)));
                LockSupport.parkNanos(100_000_000);
            }
        });
        var failed = new AtomicLong();
        scattered.onWrite(offset -> {
            if (offset > 10 << 20 && offset < 14 << 20 && scattered.taken() > 2 << 20) {
                failed.compareAndSet(0, System.nanoTime());
                throw new ProblemException(ErrorCode.DISK_FULL, "the bucket is full");
            }
        });
        fails(submit("scattered"), ErrorCode.DISK_FULL);
        assertThat(Duration.ofNanos(System.nanoTime() - failed.get())).isLessThan(Duration.ofSeconds(2));
        await().atMost(Duration.ofSeconds(2)).until(() -> source.connections() == 0);
    }

    @Test
    void anErrorUnderAWriteFailsTheJobAndLeavesNoHole() {
        var failed = new AtomicBoolean();
        var late = new AtomicInteger();
        ordered.onWrite(offset -> {
            if (failed.get()) {
                late.incrementAndGet();
            } else if (offset > 5 << 20) {
                failed.set(true);
                throw new OutOfMemoryError("thrown by a test");
            }
        });
        fails(submit("ordered"), ErrorCode.INTERNAL);
        assertThat(late).hasValue(0);
    }

    @Test
    void whatBreaksAfterADrainHasBegunIsNoFailedAttempt() {
        ordered.onCommit(offset -> {
            node.engine.drain(Duration.ZERO);
            throw new ProblemException(ErrorCode.INTERNAL, "it breaks since everything is closed");
        });
        Job job = submit("ordered");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !node.engine.holds(job.id())
                        && node.now(job).node() == null
                        && node.now(job).bytes() > 0);
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        ordered.onCommit(offset -> {});
        node.crashAndRestart();
        completes(job);
        assertThat(node.now(job).attempt()).isEqualTo(1);
    }

    // ---- Stopping

    @ParameterizedTest
    @ValueSource(strings = {"ordered", "scattered"})
    void cancelWhileTheStorageTakesBytesLeavesNothing(String storage) {
        var gate = new Gate();
        cloud(storage).onWrite(offset -> gate.pass());
        cancelLeavesNothing(submit(storage), gate);
        assertThat(cloud(storage).taken()).as("what was being taken").isLessThan(CONTENT.length / 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ordered", "scattered"})
    void cancelWhileItCommitsLeavesNoObject(String storage) {
        var gate = new Gate();
        cloud(storage).onCommit(offset -> gate.pass());
        cancelLeavesNothing(submit(storage), gate);
    }

    private void cancelLeavesNothing(Job job, Gate gate) {
        gate.awaitReached();
        node.cancel(job);
        gate.open();
        node.awaitNothingHeld();
        assertThat(node.now(job).state()).isEqualTo(JobState.CANCELLED);
        assertThat(node.events(job)).contains(EventType.CANCELLED).doesNotContain(EventType.COMPLETED);
        await().atMost(Duration.ofSeconds(5)).until(() -> source.connections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ordered", "scattered"})
    void pausedWhileItCommitsItIsOneObjectAndNotFetchedAgain(String storage) {
        var gate = new Gate();
        cloud(storage).onCommit(offset -> gate.pass());
        Job job = submit(storage);
        gate.awaitReached();
        node.engine.pause(job.id());
        gate.open();
        node.engine.awaitStopped(job.id());
        assertThat(node.now(job).state()).isEqualTo(JobState.PAUSED);
        long sent = source.sent();
        node.engine.resume(job.id());
        completes(job);
        assertThat(source.sent()).isEqualTo(sent);
        node.awaitHeld("film.mp4");
    }

    // ---- Going on

    private static void once(AtomicBoolean before, String what) {
        if (before.compareAndSet(false, true)) {
            throw new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, what);
        }
    }

    @Test
    void bytesThatAChecksumHasToSeeOnceMoreAreCountedOnce() throws Exception {
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
        var failed = new AtomicBoolean();
        ordered.onWrite(offset -> {
            if (offset > 11 << 20) {
                once(failed, "the bucket was away for a moment");
            }
        });
        Job job = submit("ordered", "sha256:" + sum);
        completes(job);
        assertThat(node.now(job).attempt()).isEqualTo(2);
        assertThat(ordered.taken()).isEqualTo(CONTENT.length);
    }

    @Test
    void aStreamWithoutRangesThatIsAllThereIsNotFetchedAgain() {
        source.answer(TestingSource.Exchange::whole);
        var failed = new AtomicBoolean();
        ordered.onCommit(offset -> once(failed, "the bucket was away for a moment"));
        Job job = submit("ordered");
        completes(job);
        assertThat(source.requests()).hasSize(1);
        assertThat(saysThatItChanged(job)).isFalse();
    }

    @Test
    void aStreamWithoutRangesOfWhichNothingIsThereBeginsWithoutAWord() {
        source.answer(TestingSource.Exchange::whole);
        var failed = new AtomicBoolean();
        ordered.onWrite(offset -> once(failed, "the bucket was away for a moment"));
        Job job = submit("ordered");
        completes(job);
        assertThat(source.requests()).hasSize(2);
        assertThat(saysThatItChanged(job)).isFalse();
    }

    // ---- What is asked for

    @Test
    void aFileThatIsToBeCalledLikeAListOfPiecesIsNoPage() {
        Job job = node.submit(new DownloadRequest(
                source.url("/film.mp4"), null, null, false, null, false, null, "film.m3u8", null, null));
        completes(job);
        node.awaitHeld("film.m3u8");
    }

    @Test
    void aListHasNoOneNameAndNoOneChecksum() {
        for (String field : List.of("name", "checksum")) {
            var request = new DownloadRequest(
                    source.url("/feed.xml"),
                    null,
                    null,
                    false,
                    null,
                    true,
                    null,
                    field.equals("name") ? "film.mp4" : null,
                    field.equals("checksum") ? "md5:" + "0".repeat(32) : null,
                    null);
            assertThatExceptionOfType(ProblemException.class)
                    .isThrownBy(() -> node.submit(request))
                    .satisfies(e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                        assertThat(e.problem().details()).containsEntry("field", field);
                    });
        }
    }
}
