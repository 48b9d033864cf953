package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.categories.Categorizer;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Stage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Two files of one batch at the same time, on either database. Whichever comes first is held where its rows are
/// written and not committed, until the other has come as far as it can.
@Timeout(120)
@ParameterizedClass
@EnumSource(LedgerStore.class)
class ConcurrentImportsTest {
    private static final String HEADER = "Buchungstag;Verwendungszweck;Betrag;Währung\n";
    private static final int MANY = 5_000;

    @TempDir
    Path folder;

    private final LedgerStore store;
    private final CountDownLatch held = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init")
    private TestingNode node;

    ConcurrentImportsTest(LedgerStore store) {
        this.store = store;
    }

    @BeforeEach
    void start() {
        node = new TestingNode(folder, store.opening(folder), this::categorizer);
    }

    @AfterEach
    void stop() {
        held.countDown();
        node.close();
    }

    private Categorizer categorizer() {
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return TestingNode.CATEGORIZER.get();
    }

    /// @param first whose rows are written and not committed
    /// @param second that waits for what becomes of them
    private record Both(Job first, Job second) {}

    private Both meeting(List<Job> jobs) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(jobs)
                        .extracting(this::stage)
                        .containsExactlyInAnyOrder(Imports.DATABASE, Imports.CATEGORIZATION));
        return stage(jobs.getFirst()).equals(Imports.CATEGORIZATION)
                ? new Both(jobs.getFirst(), jobs.getLast())
                : new Both(jobs.getLast(), jobs.getFirst());
    }

    private String stage(Job job) {
        return node.engine.job(job.id()).stages().current().map(Stage::name).orElse("");
    }

    private RowFacts facts(Job job) {
        return node.engine.job(job.id()).facts().as(RowFacts.class);
    }

    private void areThereOnce(long rows) {
        for (String table : List.of("transactions", "decisions", "fingerprints")) {
            assertThat(node.rows(table)).as(table).isEqualTo(rows);
        }
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(node.waiting()).isEmpty());
    }

    private static String rows(int from, int to) {
        var text = new StringBuilder(HEADER);
        for (int i = from; i < to; i++) {
            text.append("27.03.2026;LADEN ").append(i).append(";-4,50;EUR\n");
        }
        return text.toString();
    }

    @Test
    void ofTwoEqualFilesEachRowIsThereOnce() {
        Both both = meeting(node.submitAll(rows(0, MANY), rows(0, MANY)));
        held.countDown();
        node.completes(both.first());
        node.completes(both.second());

        assertThat(facts(both.first())).isEqualTo(new RowFacts(MANY, MANY, 0, 0));
        assertThat(facts(both.second())).isEqualTo(new RowFacts(MANY, 0, MANY, 0));
        areThereOnce(MANY);
    }

    @Test
    void ofTwoFilesWithEqualCoffeesAsManyAreThereAsTheOneWithMostHas() {
        String coffee = "27.03.2026;KAFFEE;-4,50;EUR\n";
        Both both = meeting(node.submitAll(HEADER + coffee.repeat(3), HEADER + coffee.repeat(2)));
        held.countDown();
        node.completes(both.first());
        node.completes(both.second());

        assertThat(facts(both.first()).added() + facts(both.second()).added()).isEqualTo(3);
        areThereOnce(3);
    }

    @Test
    void ofTwoOverlappingFilesEachRowIsThereOnce() {
        Both both = meeting(node.submitAll(rows(0, MANY), rows(MANY / 2, MANY + MANY / 2)));
        held.countDown();
        node.completes(both.first());
        node.completes(both.second());

        assertThat(facts(both.first())).isEqualTo(new RowFacts(MANY, MANY, 0, 0));
        assertThat(facts(both.second())).isEqualTo(new RowFacts(MANY, MANY / 2, MANY / 2, 0));
        areThereOnce(MANY + MANY / 2);
        assertThat(node.booked()).extracting(Booked::description).doesNotHaveDuplicates();
    }

    @Test
    void whereTheFirstOfTwoEqualFilesIsCancelledTheSecondGetsAllRows() {
        Both both = meeting(node.submitAll(rows(0, MANY), rows(0, MANY)));
        assertThat(node.cancel(both.first()).job().state()).isEqualTo(JobState.CANCELLED);
        assertThat(stage(both.second())).isEqualTo(Imports.DATABASE);
        held.countDown();
        node.completes(both.second());

        assertThat(facts(both.second())).isEqualTo(new RowFacts(MANY, MANY, 0, 0));
        areThereOnce(MANY);
        assertThat(node.booked())
                .extracting(Booked::job)
                .containsOnly(both.second().id().value());
        assertThat(node.rows("imports")).isEqualTo(1);
    }

    @Test
    void whereTheFirstOfTwoOverlappingFilesIsCancelledTheSecondGetsAllItsRows() {
        Both both = meeting(node.submitAll(rows(0, MANY), rows(MANY / 2, MANY + MANY / 2)));
        node.cancel(both.first());
        held.countDown();
        node.completes(both.second());

        assertThat(facts(both.second())).isEqualTo(new RowFacts(MANY, MANY, 0, 0));
        areThereOnce(MANY);
    }

    /// It has waited all the time, and still goes at once.
    @Test
    void whereTheSecondIsCancelledWhileItWaitsTheFirstKeepsItsRows() {
        Both both = meeting(node.submitAll(rows(0, MANY), rows(0, MANY)));
        assertThat(node.cancel(both.second()).job().stages().current())
                .map(Stage::name)
                .hasValue(Imports.DATABASE);
        held.countDown();
        node.completes(both.first());

        assertThat(node.awaitEnd(both.second()).state()).isEqualTo(JobState.CANCELLED);
        areThereOnce(MANY);
        assertThat(node.booked())
                .extracting(Booked::job)
                .containsOnly(both.first().id().value());
    }
}
