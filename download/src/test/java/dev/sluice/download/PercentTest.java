package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Claim;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import dev.sluice.core.Session;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import java.nio.file.Path;
import java.time.Duration;
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

    /// Before its first byte, and before anybody has looked.
    @Test
    void whoTakesAJobOverShowsAtOnceWhatWasSeenBefore() {
        JobId id = node.ids.job();
        node.engine.submit(
                List.of(new NewJob(
                        id,
                        new Kind("other"),
                        "a",
                        Owner.LOCAL,
                        null,
                        StagePlan.of(new Stage("transfer", 0, 100)),
                        new Nothing(),
                        100L,
                        Duration.ofMinutes(1),
                        false,
                        null)),
                null,
                null);
        Session first = begunAnew(id);
        first.meter().add(60);
        node.engine.pause(id);
        first.close();
        node.engine.resume(id);

        Session second = begunAnew(id);
        assertThat(percent(id)).isEqualTo(60);
        second.meter().add(40);
        assertThat(percent(id)).isEqualTo(60);
        second.meter().add(30);
        assertThat(percent(id)).isEqualTo(70);
        await().until(() -> node.engine.job(id).percent() == 70);
        assertThat(node.engine.job(id).bytes()).as("not noted").isNotEqualTo(70);

        node.crashAndRestart();
        try (Session third = begunAnew(id)) {
            assertThat(percent(id)).isEqualTo(70);
            third.meter().add(75);
            assertThat(percent(id)).isEqualTo(75);
        }
    }

    private record Nothing() {}

    private Session begunAnew(JobId id) {
        Session session = node.engine.attach(id, new Claim(Duration.ofMinutes(1)));
        session.meter().from(0);
        session.started();
        return session;
    }

    private double percent(JobId id) {
        return node.engine.progress(id).orElseThrow().percent();
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
        assertThat(shown.getLast()).isLessThan(15 + 82 * 0.5 + 5);
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
