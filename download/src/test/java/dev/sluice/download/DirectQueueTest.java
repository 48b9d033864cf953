package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.Reachable;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who waits, for how long, and in which order: a node with one place.
@Timeout(60)
class DirectQueueTest {
    private static final byte[] CONTENT = TestingNode.bytes(1 << 20);

    @TempDir
    Path folder;

    private final Gate first = new Gate();
    private TestingSource source;
    private TestingNode node;

    /// Every name is that of the source, which holds `/first`.
    @BeforeEach
    void open() {
        source = new TestingSource(CONTENT);
        source.answer(exchange -> {
            if (exchange.request.path().equals("/first")) {
                first.pass();
            }
            exchange.whole();
        });
        node = new TestingNode(
                folder,
                new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED, host ->
                        new InetAddress[] {InetAddress.getLoopbackAddress()}),
                plain -> new DownloadSettings(
                        plain.maxSize(),
                        1,
                        8,
                        8,
                        1,
                        null,
                        null,
                        plain.networks(),
                        plain.ytDlp(),
                        plain.ffmpeg(),
                        plain.work(),
                        plain.cookies()),
                Map.of());
    }

    @AfterEach
    void close() {
        first.open();
        node.close();
        source.close();
    }

    private Job submit(String host, String path, Owner owner, @Nullable Instant notBefore) {
        String url = "http://" + host + ":" + source.port() + path;
        return node.downloads.submit(
                new DownloadRequest(url, null, null, false, null, false, null, null, null, notBefore),
                owner,
                null,
                null);
    }

    private Job submit(String path) {
        return submit("a.example.org", path, Owner.LOCAL, null);
    }

    private Job completes(Job job) {
        Job ended = node.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
        return ended;
    }

    @Test
    void whatMayNotBeginYetBeginsThenAndNotEarlier() {
        Instant then = Instant.now().plusSeconds(4);
        Job later = submit("a.example.org", "/later", Owner.LOCAL, then);
        completes(submit("/now"));
        assertThat(source.requests()).extracting(TestingSource.Request::path).containsOnly("/now");
        node.crashAndRestart();
        assertThat(node.now(later).state()).isEqualTo(JobState.PENDING);
        Job ended = completes(later);
        assertThat(Objects.requireNonNull(ended.started())).isBetween(then, then.plusSeconds(10));
        assertThat(node.stored(later)).isEqualTo(CONTENT);
    }

    @Test
    void aPlaceIsOneWhoseverAndFromWhereverItIs() {
        Job runs = submit("a.example.org", "/first", new Owner("anna"), null);
        first.awaitReached();
        Job waits = submit("b.example.org", "/second", new Owner("bert"), null);
        assertThat(node.engine.queue(Downloads.KIND)).containsExactly(waits.id());
        await().during(Duration.ofMillis(300)).until(() -> node.now(waits).state() == JobState.PENDING);
        assertThat(source.requests()).extracting(TestingSource.Request::path).containsOnly("/first");
        first.open();
        completes(runs);
        completes(waits);
    }

    @Test
    void theOrderThatWasGivenOutlivesACrash() {
        Job runs = submit("/first");
        first.awaitReached();
        Job second = submit("/second");
        Job third = submit("/third");
        Job fourth = submit("/fourth");
        node.engine.move(fourth.id(), 1);
        node.engine.move(second.id(), 3);
        assertThat(node.engine.queue(Downloads.KIND)).containsExactly(fourth.id(), third.id(), second.id());

        node.crashAndRestart();
        await().until(() -> node.now(runs).state() == JobState.RUNNING);
        assertThat(node.engine.queue(Downloads.KIND)).containsExactly(fourth.id(), third.id(), second.id());
        first.open();
        for (Job job : List.of(runs, fourth, third, second)) {
            completes(job);
        }
        assertThat(source.requests().stream().map(TestingSource.Request::path).distinct())
                .containsExactly("/first", "/fourth", "/third", "/second");
    }
}
