package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server without ranges, of whom all is fetched again by whoever goes on: bytes begin anew, percentages do not.
@Timeout(60)
class PercentTest {
    private static final byte[] CONTENT = TestingNode.bytes(5 << 20);
    private static final int HALF = CONTENT.length / 2;

    @TempDir
    Path folder;

    private TestingNode node;
    private TestingSource source;
    private final List<Double> shown = new ArrayList<>();

    @BeforeEach
    void open() {
        node = new TestingNode(folder);
        source = new TestingSource(CONTENT);
        source.answer(exchange -> {
            exchange.head(200, "Content-Length: " + CONTENT.length);
            exchange.body(0, HALF);
            exchange.socket.getInputStream().read();
        });
    }

    @AfterEach
    void close() {
        node.close();
        source.close();
    }

    @Test
    void aPauseTakesNoPercentBack() {
        Job job = half();
        node.engine.pause(job.id());
        show(job);
        node.engine.awaitStopped(job.id());
        show(job);
        goesOnFromTheBeginning(job, () -> node.engine.resume(job.id()));
    }

    @Test
    void aCrashTakesNoPercentBack() {
        Job job = half();
        await().until(() -> node.now(job).percent() >= shown.getLast());
        goesOnFromTheBeginning(job, node::crashAndRestart);
    }

    @Test
    void aBrokenLineTakesNoPercentBack() {
        goesOnFromTheBeginning(half(), source::dropAll);
    }

    private Job half() {
        Job job = node.submit(source.url("/film.mp4"));
        node.awaitBytes(job, HALF * 9L / 10);
        show(job);
        assertThat(shown.getLast()).isBetween(15 + 82 * 0.45, 15 + 82 * 0.5);
        return job;
    }

    private void goesOnFromTheBeginning(Job job, Runnable again) {
        var begun = new Gate();
        var few = new Gate();
        source.answer(exchange -> {
            exchange.head(200, "Content-Length: " + CONTENT.length);
            begun.pass();
            exchange.body(0, HALF / 2);
            few.pass();
            exchange.body(HALF / 2, CONTENT.length);
        });
        again.run();
        begun.awaitReached();
        show(job);
        node.awaitStage(job, Downloads.DOWNLOAD);
        await().until(() ->
                node.engine.progress(job.id()).filter(now -> now.bytes() == 0).isPresent());
        show(job);
        begun.open();
        few.awaitReached();
        node.awaitBytes(job, HALF / 4);
        show(job);
        assertThat(node.engine.progress(job.id()).orElseThrow().bytes()).isLessThanOrEqualTo(HALF / 2);
        assertThat(shown.getLast()).isLessThan(15 + 82 * 0.5 + 1);
        few.open();
        Job ended = node.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
        assertThat(shown).isSorted();
        assertThat(node.progress).extracting(Progress::percent).isSorted();
    }

    /// What a door shows just now.
    private void show(Job job) {
        shown.add(node.engine
                .progress(job.id())
                .map(Progress::percent)
                .orElse(node.now(job).percent()));
    }
}
