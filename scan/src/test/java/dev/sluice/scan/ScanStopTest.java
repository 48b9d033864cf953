package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A stop ends a scan in each of its phases, at once where it waits.
@Timeout(60)
class ScanStopTest {
    private static final Duration AT_ONCE = Duration.ofMillis(500);

    @TempDir
    private Path folder;

    private final TestingClamd clamd = TestingClamd.local();
    private final StopToken stop = new StopToken();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final AtomicLong done = new AtomicLong();

    @AfterEach
    void close() {
        clamd.close();
    }

    private Path file(int size) throws IOException {
        var bytes = new byte[size];
        Arrays.fill(bytes, (byte) '\n');
        return Files.write(folder.resolve("statement.csv"), bytes);
    }

    private Scanning scanning() {
        return new Scanning(ScanSettings.of(ScanMode.REQUIRED, clamd.address()).withStreamLimit(1L << 30));
    }

    private static byte[] ok() {
        return "stream: OK\0".getBytes(ISO_8859_1);
    }

    /// Fires the token when the scan has come to where it waits, and returns how long the scan then took to end.
    private Duration stopWhenReached(int size, StopReason why) throws Exception {
        Path file = file(size);
        var ended = new CompletableFuture<Long>();
        Thread.ofPlatform().start(() -> {
            try {
                scanning().scan(file, StandardCharsets.UTF_8, stop, done::set);
                ended.completeExceptionally(new AssertionError("it was not stopped"));
            } catch (Stopped e) {
                ended.complete(System.nanoTime());
            } catch (Throwable e) {
                ended.completeExceptionally(e);
            }
        });
        reached.await();
        long fired = System.nanoTime();
        stop.fire(why);
        long returned = System.nanoTime();
        assertThat(Duration.ofNanos(returned - fired)).isLessThan(Duration.ofMillis(100));
        return Duration.ofNanos(ended.get() - fired);
    }

    /// Waits for the other side to go.
    private void waitUntilGone(DataInputStream in) throws IOException {
        reached.countDown();
        while (in.read() >= 0) {}
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void beforeItsStartNothingIsReadAndNobodyAsked(StopReason why) throws IOException {
        stop.fire(why);
        Path file = file(1000);

        assertThatThrownBy(() -> scanning().scan(file, StandardCharsets.UTF_8, stop, done::set))
                .isInstanceOfSatisfying(
                        Stopped.class, stopped -> assertThat(stopped.reason()).isEqualTo(why));
        assertThat(done).hasValue(0);
        assertThat(clamd.connections()).isZero();
    }

    @Test
    void whileTheBuiltInChecksLookItEndsWithinOneMebibyte() throws IOException {
        Path file = file(20 << 20);

        assertThatThrownBy(() -> new Scanning(ScanSettings.off()).scan(file, StandardCharsets.UTF_8, stop, bytes -> {
                    done.set(bytes);
                    if (bytes >= 5 << 20) {
                        stop.fire(StopReason.CANCELLED);
                    }
                }))
                .isInstanceOf(Stopped.class);
        assertThat(done).hasValue(5 << 20);
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void whileItsVersionIsWaitedFor(StopReason why) throws Exception {
        clamd.onVersion((in, out) -> waitUntilGone(in));

        assertThat(stopWhenReached(1000, why)).isLessThan(AT_ONCE);
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void whileTheFileIsSentAndNothingTaken(StopReason why) throws Exception {
        var over = new CountDownLatch(1);
        clamd.onStream((in, out) -> {
            reached.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            assertThat(stopWhenReached(16 << 20, why)).isLessThan(AT_ONCE);
        } finally {
            over.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void whileTheVerdictIsWaitedForAndClamdSeesIt(StopReason why) throws Exception {
        clamd.onStream((in, out) -> {
            clamd.take(in);
            waitUntilGone(in);
        });

        assertThat(stopWhenReached(1000, why)).isLessThan(AT_ONCE);
        await().atMost(Duration.ofSeconds(2)).until(() -> clamd.ended() == 1);
    }

    @Test
    void theRealOneIsLeftAtOnceTooAndServesTheNext() throws Exception {
        var settings = ScanSettings.of(ScanMode.REQUIRED, ClamdProcess.local());
        Path file = file(TestingClamd.FILE_LIMIT);

        assertThatThrownBy(() -> new Scanning(settings).scan(file, StandardCharsets.UTF_8, stop, bytes -> {
                    if (bytes > TestingClamd.FILE_LIMIT / 2 + 100_000) {
                        stop.fire(StopReason.CANCELLED);
                    }
                }))
                .isInstanceOf(Stopped.class);
        assertThat(new Scanning(settings).scan(file, StandardCharsets.UTF_8, new StopToken(), bytes -> {}))
                .isInstanceOf(Verdict.Clean.class);
    }

    @Test
    void afterItsEndNothingIsLeftHanging() throws IOException {
        clamd.onStream((in, out) -> {
            clamd.take(in);
            out.write(ok());
        });

        assertThat(scanning().scan(file(1000), StandardCharsets.UTF_8, stop, done::set))
                .isInstanceOf(Verdict.Clean.class);
        stop.fire(StopReason.CANCELLED);
        stop.fire(StopReason.CANCELLED);
        await().atMost(Duration.ofSeconds(2)).until(() -> clamd.ended() == 1);
    }
}
