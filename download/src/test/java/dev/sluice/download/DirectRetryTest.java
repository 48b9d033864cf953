package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.Reachable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is asked for again, and how.
@Timeout(60)
class DirectRetryTest {
    private static final byte[] CONTENT = TestingNode.bytes(1 << 20);
    private static final String MODIFIED = "Sat, 21 Nov 2026 12:00:00 GMT";

    @TempDir
    Path folder;

    private TestingSource source;
    private TestingNode node;

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

    private void completes() {
        Job job = node.awaitEnd(node.submit(source.url("/film.mp4")));
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(CONTENT);
    }

    private Problem fails(String path) {
        Job job = node.awaitEnd(node.submit(source.url(path)));
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.attempt()).isEqualTo(1);
        return Objects.requireNonNull(job.error());
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 410})
    void whatWillNotChangeIsAskedForOnce(int status) {
        source.answer(exchange -> exchange.empty(status));
        assertThat(fails("/film.mp4").retryable()).isFalse();
        assertThat(source.requests()).hasSize(1);
    }

    @Test
    void whoIsNotAvailableJustNowIsAskedAgain() {
        source.answer(exchange -> {
            if (exchange.request.number() == 1) {
                exchange.empty(503);
            } else {
                exchange.file();
            }
        });
        completes();
        assertThat(source.requests()).hasSizeGreaterThan(1);
    }

    @Test
    void theRestIsAskedForByTheTagOfWhatWasFound() {
        breaksOnce("ETag: \"one\"", "Last-Modified: " + MODIFIED);
        completes();
        goneOnWith("\"one\"");
    }

    @Test
    void theRestIsAskedForByItsTimeWhereThereIsNoTag() {
        breaksOnce("Last-Modified: " + MODIFIED);
        completes();
        goneOnWith(MODIFIED);
    }

    @Test
    void aWeakTagDoesNotCountForParts() {
        breaksOnce("ETag: W/\"one\"", "Last-Modified: " + MODIFIED);
        completes();
        goneOnWith(MODIFIED);
    }

    /// Each part is sent, but for the first: of that only half.
    private void breaksOnce(String... validators) {
        var broken = new AtomicBoolean();
        source.answer(exchange -> {
            var headers = new java.util.ArrayList<>(List.of(validators));
            headers.add("Content-Range: bytes " + exchange.from() + "-" + (exchange.to() - 1) + "/" + CONTENT.length);
            headers.add("Content-Length: " + (exchange.to() - exchange.from()));
            exchange.head(206, headers.toArray(String[]::new));
            if (broken.compareAndSet(false, true)) {
                exchange.body(0, CONTENT.length / 2);
                throw new IOException("broken on purpose");
            }
            exchange.body(exchange.from(), exchange.to());
        });
    }

    private void goneOnWith(String validator) {
        List<TestingSource.Request> requests = source.requests();
        assertThat(requests.getFirst().header("If-Range")).isEmpty();
        assertThat(requests.subList(1, requests.size())).isNotEmpty().allSatisfy(request -> {
            assertThat(request.header("If-Range")).isEqualTo(validator);
            assertThat(request.header("Range")).doesNotStartWith("bytes=0-");
        });
    }

    @Test
    void withoutYtDlpPlainFilesComeAndPagesSayWhatToInstall() {
        node.close();
        node = new TestingNode(
                folder.resolve("other"),
                new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED),
                plain -> new DownloadSettings(
                        plain.maxSize(),
                        plain.places(),
                        plain.perOwner(),
                        plain.perHost(),
                        plain.connections(),
                        null,
                        null,
                        plain.networks(),
                        "yt-dlp-that-is-not-there",
                        plain.ffmpeg(),
                        plain.work(),
                        plain.cookies()),
                Map.of());
        completes();
        source.answer(exchange -> {
            exchange.head(200, "Content-Type: text/html", "Content-Length: 6");
            exchange.write("<html>".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        });
        Problem problem = fails("/watch");
        assertThat(problem.code()).isEqualTo(ErrorCode.CONFIGURATION);
        assertThat(problem.message()).contains("yt-dlp is not installed", "apt install yt-dlp ffmpeg");
        node.awaitHeld("film.mp4");
    }
}
