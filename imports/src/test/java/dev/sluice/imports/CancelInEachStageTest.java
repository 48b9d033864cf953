package dev.sluice.imports;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import dev.sluice.core.Stage;
import dev.sluice.scan.ScanMode;
import dev.sluice.scan.ScanSettings;
import dev.sluice.scan.TestingClamd;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A cancel amid each stage, on either database.
@Timeout(120)
@ParameterizedClass
@EnumSource(LedgerStore.class)
class CancelInEachStageTest {
    /// So many that each stage but the scan, which clamd holds, takes many times as long as a look at the job.
    private static final int MANY = 100_000;

    @TempDir
    Path folder;

    private final LedgerStore store;
    private final TestingClamd clamd = TestingClamd.local();
    private final CountDownLatch scanned = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init")
    private TestingNode node;

    CancelInEachStageTest(LedgerStore store) {
        this.store = store;
    }

    @BeforeEach
    void start() {
        clamd.onStream(this::scan);
        node = new TestingNode(
                folder,
                store.opening(folder),
                ScanSettings.of(ScanMode.REQUIRED, clamd.address()).withStreamLimit(1L << 30));
    }

    @AfterEach
    void stop() {
        scanned.countDown();
        node.close();
        clamd.close();
        assertThat(clamd.violations()).isEmpty();
    }

    private void scan(DataInputStream in, OutputStream out) throws IOException {
        for (int length = in.readInt(); length > 0; length = in.readInt()) {
            in.skipNBytes(length);
        }
        try {
            scanned.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.write("stream: OK\0".getBytes(ISO_8859_1));
    }

    static Stream<Stage> stages() {
        return Imports.STAGES.stages().stream();
    }

    @ParameterizedTest
    @MethodSource("stages")
    void aCancelInEachStageLeavesNothing(Stage stage) {
        String text = ImportContract.many(MANY);
        if (!stage.name().equals(Imports.SCANNING)) {
            scanned.countDown();
        }

        Job job = node.submit(text);
        awaitAmid(job, stage);
        Job cancelled = node.cancel(job).job();

        assertThat(cancelled.state()).isEqualTo(JobState.CANCELLED);
        assertThat(cancelled.stages().current()).map(Stage::name).hasValue(stage.name());
        await().atMost(Duration.ofSeconds(5)).untilAsserted(node::isEmpty);
        assertThat(node.awaitEnd(job).state()).isEqualTo(JobState.CANCELLED);

        scanned.countDown();
        Job again = node.completes(node.submit(text));
        assertThat(again.facts().as(RowFacts.class)).isEqualTo(new RowFacts(MANY, MANY, 0, 0));
        for (String table : new String[] {"transactions", "decisions", "fingerprints"}) {
            assertThat(node.rows(table)).as(table).isEqualTo(MANY);
        }
        assertThat(node.rows("imports")).isEqualTo(1);
    }

    /// Until some of what the stage has to do is done.
    private void awaitAmid(Job job, Stage stage) {
        await().atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> node.engine
                        .progress(job.id())
                        .map(Progress::percent)
                        .filter(percent -> percent > stage.from())
                        .isPresent());
    }
}
