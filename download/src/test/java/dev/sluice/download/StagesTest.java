package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import dev.sluice.core.Reachable;
import dev.sluice.core.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The percentages of wire contract §2, each while its stage is held.
@Timeout(120)
class StagesTest {
    private static final byte[] CONTENT = TestingNode.bytes(5 << 20);

    @TempDir
    Path folder;

    @Test
    void aPlainFilesStages() throws IOException {
        var asked = new Gate();
        var begun = new Gate();
        var first = new Gate();
        var half = new Gate();
        var committed = new Gate();
        var cloud = new TestingCloud(folder.resolve("ordered"), false);
        cloud.onBegin(offset -> begun.pass());
        cloud.onCommit(offset -> committed.pass());
        try (var source = new TestingSource(CONTENT);
                var node = new TestingNode(
                        folder,
                        new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED),
                        plain -> plain,
                        Map.of("ordered", cloud))) {
            source.answer(exchange -> {
                asked.pass();
                exchange.head(200, "Content-Length: " + CONTENT.length);
                first.pass();
                exchange.body(0, CONTENT.length / 2);
                half.pass();
                exchange.body(CONTENT.length / 2, CONTENT.length);
            });
            Job job = node.submit(new DownloadRequest(
                    source.url("/film.mp4"), null, null, false, null, false, "ordered", null, null, null));

            asked.awaitReached();
            assertThat(percent(node, job)).isEqualTo(5);
            asked.open();
            begun.awaitReached();
            assertThat(percent(node, job)).isEqualTo(10);
            begun.open();
            first.awaitReached();
            node.awaitStage(job, Downloads.DOWNLOAD);
            assertThat(percent(node, job)).isEqualTo(15);
            first.open();
            half.awaitReached();
            node.awaitBytes(job, CONTENT.length / 4);
            Progress middle = node.engine.progress(job.id()).orElseThrow();
            assertThat(middle.percent()).isBetween(15 + 82 / 4.0, 15 + 82 / 2.0);
            assertThat(middle.totalBytes()).isEqualTo(CONTENT.length);
            assertThat(elsewhere("ordered")).as("files outside the storage").isEmpty();
            await().until(() -> node.progress.stream()
                    .anyMatch(some -> some.percent() > 16 && some.percent() < 88 && tellsHowFast(some)));
            half.open();
            committed.awaitReached();
            assertThat(percent(node, job)).isEqualTo(98);
            assertThat(folder.resolve("ordered/film.mp4")).doesNotExist();
            committed.open();
            Job ended = node.awaitEnd(job);
            assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);

            areOfTheContract(ended, "5-5", "10-10", "15-97", "98-98");
            assertThat(told(node.state.events().read(0, Long.MAX_VALUE, job.id(), 1_000)))
                    .containsExactly("STARTED", "prepare", "download", "commit", "COMPLETED");
            neverBack(node.progress, 97);
        }
    }

    /// Files of the node that are neither in its storage nor its database.
    private List<Path> elsewhere(String storage) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(folder.resolve(storage)))
                    .filter(file -> !file.getFileName().toString().matches("state\\.db.*|secrets\\.key"))
                    .toList();
        }
    }

    private static double percent(TestingNode node, Job job) {
        return node.engine.progress(job.id()).orElseThrow().percent();
    }

    private static void areOfTheContract(Job job, String... ranges) {
        assertThat(job.stages().stages())
                .extracting(stage -> stage.from() + "-" + stage.to())
                .containsExactly(ranges);
        assertThat(job.stages().stages())
                .extracting(Stage::started)
                .doesNotContainNull()
                .isSorted();
    }

    /// Stages by their names, and what else changes a state.
    private static List<String> told(List<Event> events) {
        return events.stream()
                .filter(event -> List.of(EventType.STARTED, EventType.STAGE, EventType.COMPLETED)
                        .contains(event.type()))
                .map(event -> event.type() == EventType.STAGE
                        ? event.data().json().replaceAll(".*\"stage\":\"([a-z]+)\".*", "$1")
                        : event.type().name())
                .toList();
    }

    /// @param last percent of what is counted by bytes
    private static void neverBack(List<Progress> progress, int last) {
        assertThat(progress)
                .extracting(Progress::percent)
                .isNotEmpty()
                .isSorted()
                .allSatisfy(percent -> assertThat(percent)
                        .satisfiesAnyOf(
                                some -> assertThat(some).isIn(5.0, 10.0, 90.0, 98.0),
                                some -> assertThat(some).isBetween(15.0, (double) last)));
    }

    @Test
    void theStagesOfWhatAPageShows() throws IOException {
        Path site = folder.resolve("site");
        MediaPages.make(site);
        var begun = new Gate();
        var written = new Gate();
        var committed = new Gate();
        try (var pages = new MediaPages(site);
                var node = new MediaNode(MediaNode.Setup.in(folder))) {
            node.cloud.onBegin(offset -> begun.pass());
            node.cloud.onWrite(offset -> {
                if (offset > 0) {
                    written.pass();
                }
            });
            node.cloud.onCommit(offset -> committed.pass());
            Job job = node.submit(
                    MediaNode.in("cloud", MediaNode.spec(pages.url("/slow/talk.mp4"), null, null, false, false)));

            begun.awaitReached();
            assertThat(percent(node, job)).isEqualTo(90);
            begun.open();
            written.awaitReached();
            Progress middle = node.engine.progress(job.id()).orElseThrow();
            long size = Files.size(site.resolve("talk.mp4"));
            assertThat(middle.bytes()).isPositive().isLessThan(size);
            assertThat(middle.percent()).isCloseTo(92 + 5.0 * middle.bytes() / size, within(0.01));
            written.open();
            committed.awaitReached();
            assertThat(percent(node, job)).isEqualTo(98);
            assertThat(folder.resolve("cloud/talk.mp4")).doesNotExist();
            committed.open();
            Job ended = node.becomes(job, JobState.COMPLETED);

            areOfTheContract(ended, "5-5", "10-10", "15-89", "90-90", "92-97", "98-98");
            assertThat(told(node.state.events().read(0, Long.MAX_VALUE, job.id(), 1_000)))
                    .containsExactly("STARTED", "prepare", "download", "handover", "upload", "commit", "COMPLETED");
            assertThat(node.state.events().read(0, Long.MAX_VALUE, job.id(), 1_000).stream()
                            .takeWhile(event -> !event.data().json().contains("\"download\"")))
                    .as("what is known of it before it is fetched")
                    .anyMatch(event -> event.type() == EventType.FACTS
                            && event.data().json().contains("\"videoInfo\""));
            neverBack(node.progress, 97);
            assertThat(node.progress)
                    .as("by bytes")
                    .extracting(Progress::percent)
                    .anySatisfy(percent -> assertThat(percent).isBetween(16.0, 88.0))
                    .noneSatisfy(percent -> assertThat(percent).isBetween(89.01, 89.99))
                    .noneSatisfy(percent -> assertThat(percent).isBetween(90.01, 91.99));
            assertThat(node.progress)
                    .filteredOn(some -> some.percent() > 16 && some.percent() < 88)
                    .anyMatch(StagesTest::tellsHowFast);
        }
    }

    private static boolean tellsHowFast(Progress progress) {
        Double rate = progress.rate();
        Double eta = progress.eta();
        return rate != null && rate > 0 && eta != null && eta > 0;
    }

    private static double percent(MediaNode node, Job job) {
        return node.engine.progress(job.id()).orElseThrow().percent();
    }
}
