package dev.sluice.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What was said of columns holds for files with the same header, of the same owner, on either database.
@ParameterizedClass
@EnumSource(LedgerStore.class)
class RememberedColumnsTest {
    private static final Owner OTHER = new Owner("other");
    private static final String OURS = "ours";
    private static final String FIRST = "Date,Description,Amount\n2026-04-03,COFFEE,-4.50\n2026-04-13,RENT,-700.00\n";
    private static final String LATER = "Date,Description,Amount\n2026-05-01,KIOSK,-1.00\n2026-05-13,BAR,-2.00\n";

    @TempDir
    Path folder;

    private final LedgerStore store;

    @SuppressWarnings("NullAway.Init")
    private Supplier<Database> database;

    @SuppressWarnings("NullAway.Init")
    private TestingNode node;

    RememberedColumnsTest(LedgerStore store) {
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

    private void keep(Owner owner, String role) {
        node.imports.keep(
                owner,
                new Profile(
                        OURS,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        Map.of("Description", role),
                        null,
                        List.of()));
    }

    private void told(Owner owner, String role) {
        keep(owner, role);
        node.completes(node.submit(FIRST.getBytes(UTF_8), OURS, owner));
    }

    /// The last row of a file that names no profile.
    private Booked later(Owner owner) {
        return later(owner, LATER);
    }

    private Booked later(Owner owner, String text) {
        Job job = node.completes(node.submit(text.getBytes(UTF_8), null, owner));
        assertThat(node.booked(owner).getFirst().job()).isEqualTo(job.id().value());
        return node.booked(owner).getFirst();
    }

    private static void isCounterparty(Booked row) {
        assertThat(row.counterparty()).isEqualTo("BAR");
        assertThat(row.description()).isEmpty();
    }

    private static void isDescription(Booked row) {
        assertThat(row.counterparty()).isNull();
        assertThat(row.description()).isEqualTo("BAR");
    }

    @Test
    void theyAreRememberedAfterARestart() {
        told(Owner.LOCAL, "counterparty");
        restart();

        isCounterparty(later(Owner.LOCAL));
    }

    @Test
    void anotherOwnerWithTheSameHeaderDoesNotGetThem() {
        told(Owner.LOCAL, "counterparty");

        isDescription(later(OTHER));
        isCounterparty(later(Owner.LOCAL));
        restart();
        isDescription(later(OTHER, LATER.replace("-05-", "-06-")));
        isCounterparty(later(Owner.LOCAL, LATER.replace("-05-", "-06-")));
    }

    @Test
    void eachOwnerHasHisOwn() {
        told(Owner.LOCAL, "counterparty");
        told(OTHER, "reference");

        isCounterparty(later(Owner.LOCAL));
        assertThat(later(OTHER).reference()).isEqualTo("BAR");
    }

    @Test
    void aPreviewSeesOnlyWhatItsOwnerSaid() throws IOException {
        told(Owner.LOCAL, "counterparty");
        Path file = Files.writeString(folder.resolve("preview.csv"), LATER);

        assertThat(node.imports.preview(file, Owner.LOCAL, null, "EUR", 1).uses())
                .containsExactly("booked", "counterparty", "amount");
        assertThat(node.imports.preview(file, OTHER, null, "EUR", 1).uses())
                .containsExactly("booked", "description", "amount");
    }

    @Test
    void neitherTheOrderNorTheSpellingOfTheNamesMakesADifference() {
        told(Owner.LOCAL, "counterparty");

        isCounterparty(
                later(Owner.LOCAL, "AMOUNT (EUR);description;Date\n-1.00;KIOSK;2026-05-01\n-2.00;BAR;2026-05-13\n"));
    }

    @Test
    void aFileWithOneColumnMoreIsAnotherOne() {
        told(Owner.LOCAL, "counterparty");

        isDescription(later(
                Owner.LOCAL,
                "Date,Description,Amount,Balance\n2026-05-01,KIOSK,-1.00,5.00\n2026-05-13,BAR,-2.00,3.00\n"));
    }

    @Test
    void whatWasSaidLastHolds() {
        told(Owner.LOCAL, "reference");
        keep(Owner.LOCAL, "counterparty");
        node.completes(node.submit(FIRST.replace("-04-", "-03-").getBytes(UTF_8), OURS));

        isCounterparty(later(Owner.LOCAL));
        assertThat(node.rows("mappings")).isEqualTo(1);
    }

    @Test
    void ofAnImportThatFailsNothingIsRemembered() {
        keep(Owner.LOCAL, "counterparty");
        Job job = node.awaitEnd(node.submit((FIRST + "2026-04-14,BAR,\n").getBytes(UTF_8), OURS));

        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(node.rows("mappings")).isZero();
        isDescription(later(Owner.LOCAL));
    }
}
