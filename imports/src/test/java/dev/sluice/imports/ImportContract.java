package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import dev.sluice.core.Stage;
import dev.sluice.db.Database;
import dev.sluice.scan.StoredVerdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What imports promise on either database.
abstract class ImportContract {
    private static final String HEADER = "Buchungstag;Verwendungszweck;Betrag;Währung\n";
    private static final String COFFEE = "27.03.2026;STARBUCKS COFFEE 1234 BERLIN;-4,50;EUR\n";
    private static final int MANY = 20_000;

    @TempDir
    Path folder;

    private TestingNode node;

    abstract Database database(Path folder);

    @BeforeEach
    void start() {
        node = new TestingNode(folder, () -> database(folder), 1_000);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    static String many(int rows) {
        var text = new StringBuilder(HEADER);
        var random = new Random(rows);
        LocalDate day = LocalDate.of(2020, 1, 1);
        for (int i = 0; i < rows; i++) {
            LocalDate on = day.plusDays(i % 2_000);
            text.append("%02d.%02d.%d".formatted(on.getDayOfMonth(), on.getMonthValue(), on.getYear()))
                    .append(";LADEN ")
                    .append(i)
                    .append(' ')
                    .append(random.nextInt(1_000))
                    .append(";-")
                    .append(1 + random.nextInt(100))
                    .append(",50;EUR\n");
        }
        return text.toString();
    }

    private RowFacts facts(Job job) {
        return node.engine.job(job.id()).facts().as(RowFacts.class);
    }

    @Test
    void aBanksFileBecomesTransactions() {
        Job job = node.completes(node.submit(HEADER + "28.03.2026;Miete April;-1.234,56;EUR\n" + COFFEE));

        List<Booked> booked = node.booked();
        assertThat(booked).extracting(Booked::booked).containsExactly("2026-03-28", "2026-03-27");
        assertThat(booked).extracting(Booked::amount).containsExactly(-123_456L, -450L);
        assertThat(booked).extracting(Booked::currency).containsOnly("EUR");
        assertThat(booked).extracting(Booked::job).containsOnly(job.id().value());
        assertThat(booked.getLast().description()).isEqualTo("STARBUCKS COFFEE 1234 BERLIN");
        assertThat(booked.getLast().category()).isEqualTo("eating_out");
        assertThat(facts(job)).isEqualTo(new RowFacts(2, 2, 0, 0));
        noFileIsKept();
    }

    private void noFileIsKept() {
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(node.waiting()).isEmpty());
    }

    @Test
    void everyStageIsToldInItsOrder() {
        Job job = node.completes(node.submit(HEADER + COFFEE));
        assertThat(job.stages().stages())
                .extracting(Stage::name)
                .containsExactly("validation", "scanning", "parsing", "database", "categorization");
        assertThat(job.stages().stages()).allMatch(stage -> stage.started() != null && stage.ended() != null);
        assertThat(Collections.frequency(node.events(job), EventType.STAGE)).isEqualTo(4);
    }

    @Test
    void theSameFileTwiceAddsNothing() {
        node.completes(node.submit(HEADER + COFFEE));
        Job again = node.completes(node.submit(HEADER + COFFEE));
        assertThat(node.booked()).hasSize(1);
        assertThat(facts(again)).isEqualTo(new RowFacts(1, 0, 1, 0));
        assertThat(again.stages().stages()).allMatch(stage -> stage.ended() != null);
    }

    @Test
    void twoEqualCoffeesOfOneDayStayTwo() {
        node.completes(node.submit(HEADER + COFFEE + COFFEE));
        node.completes(node.submit(HEADER + COFFEE + COFFEE + "28.03.2026;Miete;-700,00;EUR\n"));
        assertThat(node.booked()).extracting(Booked::amount).containsExactly(-70_000L, -450L, -450L);
    }

    @Test
    void ofOverlappingFilesOnlyWhatIsNewIsAdded() {
        String march = "30.03.2026;Strom;-80,00;EUR\n31.03.2026;Wasser;-20,00;EUR\n";
        node.completes(node.submit(HEADER + COFFEE + march));
        Job later = node.completes(node.submit(HEADER + march + "01.04.2026;Gas;-60,00;EUR\n"));
        assertThat(node.booked()).hasSize(4);
        assertThat(facts(later)).isEqualTo(new RowFacts(3, 1, 2, 0));
    }

    @Test
    void wrongRowsAreKeptWithTheirReasonAndTheOthersAreThere() {
        Job job = node.completes(
                node.submit(HEADER + COFFEE + "28.03.2026;kein Betrag;viel;EUR\n" + "29.03.2026;Strom;-80,00;EUR\n"));
        assertThat(node.booked()).hasSize(2);
        assertThat(facts(job)).isEqualTo(new RowFacts(3, 2, 0, 1));
        List<Reject> rejects = node.rejects(job);
        assertThat(rejects).hasSize(1);
        assertThat(rejects.getFirst().line()).isEqualTo(3);
        assertThat(rejects.getFirst().column()).isEqualTo("Betrag");
        assertThat(rejects.getFirst().raw()).isEqualTo("28.03.2026;kein Betrag;viel;EUR");
    }

    @Test
    void wrongRowsArePutRightAndSentAgain() {
        String header = "Buchungstag;\"Zweck; Text\";Betrag;Währung\n";
        Job job = node.completes(
                node.submit(header + COFFEE + "31.03.2026;\"zu; viel\";viel;EUR\n" + "29.03.2026;Strom;-80,00;EUR\n"));
        Rejects rejects = node.imports.rejects(Owner.LOCAL, job.id()).orElseThrow();
        assertThat(rejects.head()).isEqualTo("sep=;\n" + header);

        String again = rejects.head() + rejects.rows().getFirst().raw() + "\n";
        Job right = node.completes(node.submit(again.replace(";viel;", ";-7,00;")));

        assertThat(facts(right)).isEqualTo(new RowFacts(1, 1, 0, 0));
        assertThat(node.booked()).hasSize(3).first().satisfies(booked -> {
            assertThat(booked.booked()).isEqualTo("2026-03-31");
            assertThat(booked.description()).isEqualTo("zu; viel");
            assertThat(booked.amount()).isEqualTo(-700);
        });
    }

    @Test
    void whoLookedAtTheFileIsKeptWithItsRows() {
        Job job = node.completes(node.submit(HEADER + COFFEE));
        node.engine.remove(job.id(), null);
        StoredVerdict scan = Objects.requireNonNull(
                node.imports.there(Owner.LOCAL, job.id()).orElseThrow().scan());
        assertThat(scan.verdict()).isEqualTo("not_scanned");
        assertThat(scan.engine()).isEqualTo("built-in");
        assertThat(scan.reason()).isEqualTo("not_configured");
    }

    @Test
    void withTooManyWrongRowsTheFileFailsAndLeavesNothing() {
        node.close();
        node = new TestingNode(folder, () -> database(folder), 1);
        Job job = node.awaitEnd(node.submit(many(100) + "28.03.2026;a;viel;EUR\n29.03.2026;b;mehr;EUR\n"));
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).extracting(error -> error.code()).isEqualTo(ErrorCode.TOO_MANY_ERRORS);
        assertThat(node.rows("transactions")).isZero();
        assertThat(node.rows("imports")).isZero();
    }

    @Test
    void whatAFileHasFailedByCanBeReadUntilItsJobIsGone() {
        node.close();
        node = new TestingNode(folder, () -> database(folder), 1);
        Job job = node.awaitEnd(node.submit(many(100) + "28.03.2026;a;viel;EUR\n29.03.2026;b;mehr;EUR\n"));
        assertThat(node.rejects(job))
                .extracting(Reject::raw)
                .containsExactly("28.03.2026;a;viel;EUR", "29.03.2026;b;mehr;EUR");
        node.imports.sweep();
        assertThat(node.imports.rejects(Owner.LOCAL, job.id())).isPresent();
        node.engine.remove(job.id(), null);
        node.imports.sweep();
        assertThat(node.imports.rejects(Owner.LOCAL, job.id())).isEmpty();
        assertThat(node.rows("rejects")).isZero();
    }

    @Test
    void whereNoRowCanBeReadAllOfThemCanBeLookedAt() {
        Job job = node.awaitEnd(
                node.submit(HEADER + "28.03.2026;a;1,00;EURO\n29.03.2026;b;2,00;EURO\n30.03.2026;c;3,00;EURO\n"));
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(node.rejects(job)).hasSize(3);
    }

    @Test
    void theSameFileReadInAnotherWayIsAnotherImport() {
        Job first = node.awaitEnd(node.submit(AMBIGUOUS));
        assertThat(first.state()).isEqualTo(JobState.FAILED);
        for (String order : List.of("day_first", "month_first")) {
            node.imports.keep(
                    Owner.LOCAL,
                    new Profile(order, null, null, null, null, null, order, null, null, Map.of(), null, List.of()));
            Job job = node.completes(node.submit(AMBIGUOUS.getBytes(StandardCharsets.UTF_8), order));
            assertThat(facts(job)).isEqualTo(new RowFacts(2, 2, 0, 0));
            Job again = node.completes(node.submit(AMBIGUOUS.getBytes(StandardCharsets.UTF_8), order));
            assertThat(facts(again)).isEqualTo(new RowFacts(2, 0, 2, 0));
        }
        assertThat(node.booked())
                .extracting(Booked::booked)
                .containsExactly("2026-05-04", "2026-04-05", "2026-04-03", "2026-03-04");
    }

    @Test
    void whatIsNoCsvIsRefused() {
        Job job = node.awaitEnd(node.submit(new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 1, 2, 3}));
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).extracting(error -> error.code().status()).isEqualTo(422);
        assertThat(node.rows("imports")).isZero();
    }

    @Test
    void anImportCanBeTakenBackAndMadeAgain() {
        Job job = node.completes(node.submit(HEADER + COFFEE));
        assertThat(node.imports.undo(Owner.LOCAL, job.id())).isEqualTo(1);
        assertThat(node.booked()).isEmpty();
        assertThat(node.rows("decisions")).isZero();
        Job again = node.completes(node.submit(HEADER + COFFEE));
        assertThat(facts(again)).isEqualTo(new RowFacts(1, 1, 0, 0));
    }

    @Test
    void aCorrectionHoldsForTheMerchantNowAndLater() {
        node.completes(
                node.submit(HEADER + "27.03.2026;KIOSK ZUR POST;-4,50;EUR\n28.03.2026;KIOSK ZUR POST;-2,00;EUR\n"));
        long changed = node.imports
                .transactions()
                .correct("local", node.booked().getFirst().id(), "leisure");
        assertThat(changed).isEqualTo(2);
        node.completes(node.submit(HEADER + "29.03.2026;KIOSK ZUR POST;-3,00;EUR\n"));
        assertThat(node.booked()).extracting(Booked::category).containsOnly("leisure");
        assertThat(node.booked()).extracting(Booked::source).containsOnly("user");
    }

    @Test
    void progressNeverGoesBackAndStaysInItsStage() {
        Job job = node.completes(node.submit(many(MANY)));
        List<Double> seen = node.progress.stream()
                .filter(one -> one.job().equals(job.id()))
                .map(Progress::percent)
                .toList();
        assertThat(seen).isSorted().allMatch(percent -> percent <= 100);
    }

    @Test
    void fromParsingOnTheTotalIsTheNumberOfRecords() {
        long records = 5 * MANY + 2;
        Job job = node.completes(node.submit(
                "Konto;DE89\n\n" + many(5 * MANY) + "28.03.2026;a;viel;EUR\n28.03.2026;\"b\nc\";mehr;EUR\n"));
        assertThat(facts(job)).isEqualTo(new RowFacts(records, 5 * MANY, 0, 2));
        for (Stage stage : Imports.STAGES.stages().subList(2, 5)) {
            List<Progress> told = node.progress.stream()
                    .filter(one -> one.job().equals(job.id()))
                    .filter(one -> one.percent() > stage.from() && one.percent() <= stage.to())
                    .toList();
            assertThat(told).as(stage.name()).isNotEmpty().allSatisfy(one -> {
                assertThat(one.totalItems()).isEqualTo(records);
                assertThat(one.items()).isBetween(0L, records);
            });
        }
        // What the old front ends are told of is among the facts: there before the rows are gone through.
        assertThat(node.told(job))
                .filteredOn(event -> event.type() == EventType.STAGE || event.type() == EventType.FACTS)
                .extracting(event -> event.type() == EventType.STAGE
                        ? event.data().members().get("stage")
                        : String.valueOf(event.data().members().get("facts")).contains("records=" + records))
                .startsWith(true, "scanning", false, "parsing", "database", "categorization");
    }

    @RepeatedTest(10)
    void aCancelAtAnyTimeLeavesNothing() {
        Job job = node.submit(many(MANY));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(new Random().nextInt(700)));
        try {
            node.cancel(job);
        } catch (ProblemException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.NOT_CANCELLABLE);
            assertThat(node.engine.job(job.id()).state()).isEqualTo(JobState.COMPLETED);
            assertThat(node.rows("transactions")).isEqualTo(MANY);
            return;
        }
        assertThat(node.awaitEnd(job).state()).isEqualTo(JobState.CANCELLED);
        await().atMost(Duration.ofSeconds(5)).untilAsserted(node::isEmpty);
    }

    @RepeatedTest(5)
    void afterACrashTheImportIsThereOnceAndWhole() {
        Job job = node.submit(many(MANY));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(new Random().nextInt(900)));
        node.crashAndRestart();
        node.completes(job);
        assertThat(node.rows("transactions")).isEqualTo(MANY);
        assertThat(node.rows("decisions")).isEqualTo(MANY);
        assertThat(node.rows("imports")).isEqualTo(1);
        noFileIsKept();
    }

    private static final String AMBIGUOUS =
            "Date,Description,Amount\n03/04/2026,COFFEE,-4.50\n05/04/2026,RENT,-700.00\n";

    private static Profile profile(Map<String, String> columns) {
        return new Profile("ours", null, null, null, null, null, "day_first", null, "GBP", columns, null, List.of());
    }

    @Test
    void ambiguousDatesAreSaidAndNotGuessed() {
        Job job = node.awaitEnd(node.submit(AMBIGUOUS));
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error()).extracting(error -> error.code()).isEqualTo(ErrorCode.AMBIGUOUS);
        assertThat(node.rows("transactions")).isZero();
    }

    @Test
    void aProfileSaysHowAFileIsRead() {
        node.imports.keep(Owner.LOCAL, profile(Map.of("Description", "counterparty")));
        node.completes(node.submit(AMBIGUOUS.getBytes(StandardCharsets.UTF_8), "ours"));
        assertThat(node.booked()).extracting(Booked::booked).containsExactly("2026-04-05", "2026-04-03");
        assertThat(node.booked()).extracting(Booked::currency).containsOnly("GBP");
        assertThat(node.booked()).extracting(Booked::counterparty).containsExactly("RENT", "COFFEE");
    }

    @Test
    void whatAProfileSaysOfColumnsIsRememberedForFilesWithTheSameHeader() {
        node.imports.keep(Owner.LOCAL, profile(Map.of("Description", "counterparty")));
        node.completes(node.submit(AMBIGUOUS.getBytes(StandardCharsets.UTF_8), "ours"));
        node.completes(node.submit("Amount,Date,Description\n-1.00,2026-05-01,KIOSK\n"));
        assertThat(node.booked().getFirst().counterparty()).isEqualTo("KIOSK");
    }

    @Test
    void aPreviewStoresNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("preview.csv"), HEADER + COFFEE);
        Preview preview = node.imports.preview(file, Owner.LOCAL, null, "EUR", 10);
        assertThat(preview.rows()).hasSize(1).first().isInstanceOf(BookedRow.class);
        assertThat(preview.problems()).isEmpty();
        assertThat(node.rows("imports")).isZero();
    }
}
