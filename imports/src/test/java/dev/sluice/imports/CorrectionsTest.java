package dev.sluice.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sluice.categories.Categorizer;
import dev.sluice.categories.Decision;
import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Decisions as they lie in either database, and corrections, which are kept for ever.
@ParameterizedClass
@EnumSource(LedgerStore.class)
class CorrectionsTest {
    private static final Owner OTHER = new Owner("other");
    private static final String HEADER = "Buchungstag;Verwendungszweck;Betrag;Währung\n";
    private static final String KIOSK =
            HEADER + "27.03.2026;KIOSK ZUR POST;-4,50;EUR\n28.03.2026;KIOSK ZUR POST;-2,00;EUR\n";

    @TempDir
    Path folder;

    private final LedgerStore store;

    @SuppressWarnings("NullAway.Init")
    private Supplier<Database> database;

    @SuppressWarnings("NullAway.Init")
    private TestingNode node;

    CorrectionsTest(LedgerStore store) {
        this.store = store;
    }

    @BeforeEach
    void start() {
        database = store.opening(folder);
        node = new TestingNode(folder, database, 0);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void restart() {
        node.close();
        node = new TestingNode(folder, database, 0);
    }

    /// What the database itself says.
    private record Stored(
            String description, String merchant, String category, double confidence, String source, String model) {}

    private List<Stored> stored() {
        return node.ledger
                .database()
                .read(handle -> handle.createQuery(
                                "SELECT t.description, d.merchant, d.category, d.confidence, d.source, d.model"
                                        + " FROM decisions d JOIN transactions t ON t.id = d.transaction_id ORDER BY t.id")
                        .map((row, context) -> new Stored(
                                row.getString("description"),
                                row.getString("merchant"),
                                row.getString("category"),
                                row.getDouble("confidence"),
                                row.getString("source"),
                                row.getString("model")))
                        .list());
    }

    private long correct(Owner owner, String category) {
        return node.imports
                .transactions()
                .correct(owner.name(), node.booked(owner).getFirst().id(), category);
    }

    private void allAreLeisureByTheUser(int rows) {
        assertThat(stored()).hasSize(rows).allSatisfy(row -> {
            assertThat(row.category()).isEqualTo("leisure");
            assertThat(row.source()).isEqualTo("user");
            assertThat(row.confidence()).isEqualTo(1);
            assertThat(row.model()).isEqualTo(TestingNode.CATEGORIZER.get().modelVersion());
        });
    }

    @Test
    void whoDecidedHowSurelyAndByWhichModelIsStored() {
        node.completes(node.submit(HEADER
                + "27.03.2026;STARBUCKS COFFEE 1234 BERLIN;-4,50;EUR\n"
                + "27.03.2026;BARGELDAUSZAHLUNG GELDAUTOMAT;-50,00;EUR\n"
                + "27.03.2026;RISTORANTE DA LUIGI;-31,00;EUR\n"
                + "27.03.2026;XQ ZZV;-7,77;EUR\n"));

        Categorizer categorizer = TestingNode.CATEGORIZER.get();
        List<Stored> stored = stored();
        assertThat(stored).hasSize(4);
        for (Booked one : node.booked()) {
            Decision decision = categorizer.decide(one.booking(), merchant -> null);
            assertThat(stored)
                    .filteredOn(row -> row.description().equals(one.description()))
                    .singleElement()
                    .satisfies(row -> {
                        assertThat(row.category())
                                .isEqualTo(decision.category().word())
                                .isEqualTo(one.category());
                        assertThat(row.source())
                                .isEqualTo(decision.source().word())
                                .isEqualTo(one.source());
                        assertThat(row.confidence())
                                .isCloseTo(decision.confidence(), within(1e-6))
                                .isBetween(0.0, 1.0);
                        assertThat(one.confidence()).isCloseTo(decision.confidence(), within(1e-6));
                        assertThat(row.merchant()).isEqualTo(decision.merchant());
                        assertThat(row.model())
                                .isNotEmpty()
                                .isEqualTo(categorizer.modelVersion())
                                .isEqualTo(one.model());
                    });
        }
        assertThat(stored).extracting(Stored::source).contains("brand", "none").doesNotContain("user");
        assertThat(stored.getLast().category()).isEqualTo("uncategorized");
    }

    @Test
    void aCorrectionOutlivesTheImportThatItWasMadeOnAndARestart() {
        Job job = node.completes(node.submit(KIOSK));
        assertThat(correct(Owner.LOCAL, "leisure")).isEqualTo(2);
        allAreLeisureByTheUser(2);
        assertThat(node.imports.undo(Owner.LOCAL, job.id())).isEqualTo(2);
        assertThat(stored()).isEmpty();
        restart();

        node.completes(node.submit(KIOSK));

        allAreLeisureByTheUser(2);
    }

    @Test
    void theLastCorrectionOfAMerchantHolds() {
        node.completes(node.submit(KIOSK));
        correct(Owner.LOCAL, "groceries");
        restart();
        correct(Owner.LOCAL, "leisure");
        restart();

        node.completes(node.submit(HEADER + "29.03.2026;KIOSK ZUR POST;-3,00;EUR\n"));

        allAreLeisureByTheUser(3);
        assertThat(node.rows("corrections")).isEqualTo(1);
    }

    @Test
    void aCorrectionIsItsOwnersOnly() {
        node.completes(node.submit(KIOSK));
        node.completes(node.submit(KIOSK.getBytes(UTF_8), null, OTHER));
        assertThat(correct(Owner.LOCAL, "leisure")).isEqualTo(2);
        node.completes(node.submit((HEADER + "29.03.2026;KIOSK ZUR POST;-3,00;EUR\n").getBytes(UTF_8), null, OTHER));

        assertThat(node.booked()).extracting(Booked::source).containsOnly("user");
        assertThat(node.booked(OTHER)).hasSize(3).extracting(Booked::source).doesNotContain("user");
    }

    /// On SQLite a correction waits for an import that has begun to write, and is the later one then.
    @Test
    void oneThatComesWhileCategoriesAreDecidedHoldsForTheseRowsToo() throws Exception {
        node.completes(node.submit(KIOSK));
        long first = node.booked().getFirst().id();
        node.close();
        var held = new CountDownLatch(1);
        node = new TestingNode(folder, database, () -> {
            awaited(held);
            return TestingNode.CATEGORIZER.get();
        });
        Job job = node.submit(HEADER + "29.03.2026;KIOSK ZUR POST;-3,00;EUR\n");
        await().until(() -> node.engine.job(job.id()).stages().current().stream()
                .anyMatch(stage -> stage.name().equals(Imports.CATEGORIZATION)));
        // By now it knows of the corrections that there were.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        var correcting = CompletableFuture.supplyAsync(
                () -> node.imports.transactions().correct(Owner.LOCAL.name(), first, "leisure"));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
        assertThat(correcting.isDone()).isEqualTo(store == LedgerStore.POSTGRES);
        held.countDown();
        node.completes(job);
        correcting.get(10, TimeUnit.SECONDS);
        allAreLeisureByTheUser(3);
    }

    private static void awaited(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
