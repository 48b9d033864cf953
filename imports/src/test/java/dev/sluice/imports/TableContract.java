package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stage;
import dev.sluice.db.Database;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What imports into tables of one's own promise on either database.
abstract class TableContract {
    private static final String HEADER = "Station;Zeit;Wert;Tag;Zahl;Gültig;Bemerkung\n";
    private static final String NORTH = "Nord;28.03.2026 14:05;1.234,50;28.03.2026;42;ja;\"a; \"\"b\"\"\"\n";
    private static final String SOUTH = "Süd;29.03.2026 14:05;-0,10;29.03.2026;-7;nein;\n";
    private static final String READINGS = "readings";
    private static final String PRICES = "price-list";
    private static final int MANY = 20_000;

    @TempDir
    Path folder;

    private TestingNode node;

    abstract Database database(Path folder);

    @BeforeEach
    void start() {
        node = new TestingNode(folder, () -> database(folder), 5);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static TableColumn column(String name, @Nullable String from, String type) {
        return new TableColumn(name, from, type, false, false);
    }

    private static Profile profile(String name, String zone, TableColumn... columns) {
        return new Profile(name, null, null, null, null, null, null, null, null, Map.of(), zone, List.of(columns));
    }

    private void keepReadings() {
        node.imports.keep(
                Owner.LOCAL,
                profile(
                        READINGS,
                        "Europe/Berlin",
                        column("station", "Station", "text"),
                        column("measured", "zeit", "timestamp"),
                        column("value", "Wert", "decimal"),
                        column("day", "Tag", "date"),
                        column("number", "Zahl", "integer"),
                        column("valid", "gultig", "boolean"),
                        column("order", "Bemerkung", "text")));
    }

    private void keepPrices() {
        node.imports.keep(
                Owner.LOCAL,
                profile(
                        PRICES,
                        "UTC",
                        new TableColumn("sku", null, "text", false, true),
                        new TableColumn("price", null, "decimal", true, false)));
    }

    private Job submit(String text, String profile) {
        return node.submit(text.getBytes(StandardCharsets.UTF_8), profile);
    }

    private List<OwnTables.Row> rows(String name) {
        OwnTables tables = node.imports.tables();
        return tables.rows(tables.existing("local", name), null, 0, 100_000);
    }

    private List<List<@Nullable Object>> values(String name) {
        return rows(name).stream().map(row -> row.row().values()).toList();
    }

    private RowFacts facts(Job job) {
        return node.engine.job(job.id()).facts().as(RowFacts.class);
    }

    private String sql(String query) {
        return node.ledger
                .database()
                .read(handle -> handle.createQuery(query).mapTo(String.class).one());
    }

    @Test
    void aFileBecomesTypedRowsOfATableThatSqlCanRead() {
        keepReadings();
        Job job = node.completes(submit(HEADER + NORTH + SOUTH, READINGS));
        assertThat(facts(job)).isEqualTo(new RowFacts(2, 2, 0, 0));
        assertThat(values(READINGS))
                .containsExactly(
                        Arrays.asList(
                                "Nord",
                                Instant.parse("2026-03-28T13:05:00Z"),
                                new BigDecimal("1234.50"),
                                LocalDate.of(2026, 3, 28),
                                42L,
                                true,
                                "a; \"b\""),
                        Arrays.asList(
                                "Süd",
                                Instant.parse("2026-03-29T12:05:00Z"),
                                new BigDecimal("-0.10"),
                                LocalDate.of(2026, 3, 29),
                                -7L,
                                false,
                                null));
        assertThat(rows(READINGS))
                .extracting(OwnTables.Row::job)
                .containsOnly(job.id().value());
        assertThat(rows(READINGS)).extracting(row -> row.row().line()).containsExactly(2L, 3L);
        assertThat(
                        sql(
                                "SELECT value FROM table_readings WHERE day = '2026-03-28' AND number > 41 AND \"order\" IS NOT NULL"))
                .isEqualTo("1234.50");
        assertThat(sql("SELECT station FROM table_readings ORDER BY measured DESC LIMIT 1"))
                .isEqualTo("Süd");
        assertThat(node.rows("transactions")).isZero();
        assertThat(node.rows("decisions")).isZero();
    }

    @Test
    void allFiveStagesAreToldAndThatThereAreNoCategories() {
        keepReadings();
        Job job = node.completes(submit(HEADER + NORTH, READINGS));
        assertThat(job.stages().stages()).extracting(Stage::name).endsWith("database", "categorization");
        assertThat(job.stages().stages()).allMatch(stage -> stage.ended() != null);
        assertThat(node.events(job)).contains(EventType.NOTE);
    }

    @Test
    void withoutAKeyEqualRowsAreAsManyAsTheyAre() {
        keepReadings();
        node.completes(submit(HEADER + NORTH + NORTH, READINGS));
        Job more = node.completes(submit(HEADER + NORTH + NORTH + NORTH + SOUTH, READINGS));
        assertThat(facts(more)).isEqualTo(new RowFacts(4, 2, 2, 0));
        assertThat(rows(READINGS)).hasSize(4);
        Job again = node.completes(submit(HEADER + NORTH + NORTH + NORTH + SOUTH, READINGS));
        assertThat(facts(again)).isEqualTo(new RowFacts(4, 0, 4, 0));
    }

    @Test
    void withAKeyARowIsThereOnceAndAnotherWithTheSameKeyIsRejected() {
        keepPrices();
        Job job = node.completes(submit("sku,price\na,1.50\nb,2.00\na,1.5\na,9.99\n", PRICES));
        assertThat(facts(job)).isEqualTo(new RowFacts(4, 2, 1, 1));
        Reject reject = node.rejects(job).getFirst();
        assertThat(reject.code()).isEqualTo("repeated_key");
        assertThat(reject.raw()).isEqualTo("a,9.99");
        Job later = node.completes(submit("sku,price\nc,3.00\na,7.00\n", PRICES));
        assertThat(facts(later)).isEqualTo(new RowFacts(2, 1, 1, 0));
        assertThat(values(PRICES))
                .extracting(row -> row.getFirst() + "=" + row.getLast())
                .containsExactly("a=1.50", "b=2.00", "c=3.00");
    }

    @Test
    void whatIsNotOfItsTypeOrMissingIsRejectedWithItsReason() {
        keepPrices();
        Job job = node.completes(submit("sku,price\na,1.50\nb,cheap\nc,\n,4.00\nd,5,6\ne,5.00\n", PRICES));
        assertThat(node.rejects(job))
                .extracting(reject -> reject.line() + " " + reject.column() + " " + reject.code())
                .containsExactly(
                        "3 price invalid_decimal",
                        "4 price missing_value",
                        "5 sku missing_value",
                        "6 null wrong_field_count");
        assertThat(rows(PRICES)).hasSize(2);
    }

    @Test
    void tooManyWrongRowsFailTheFileAndCanBeRead() {
        keepPrices();
        Job job = node.awaitEnd(submit("sku,price\na,1\n" + "b,x\n".repeat(6), PRICES));
        assertThat(job.error()).extracting(error -> error.code()).isEqualTo(ErrorCode.TOO_MANY_ERRORS);
        assertThat(rows(PRICES)).isEmpty();
        assertThat(node.rejects(job)).hasSize(6);
    }

    @Test
    void aRequiredColumnThatIsNotThereFailsTheFileAndAnotherIsSaid() throws IOException {
        keepPrices();
        Job job = node.awaitEnd(submit("sku,cost\na,1.50\n", PRICES));
        assertThat(job.error()).extracting(error -> error.code()).isEqualTo(ErrorCode.MALFORMED);
        assertThat(job.error()).extracting(error -> error.message()).asString().contains("'price'", "'cost'");
        keepReadings();
        Path file = Files.writeString(folder.resolve("a.csv"), "Station;Wert;Extra\nNord;1,5;x\n");
        Preview preview = node.imports.preview(file, Owner.LOCAL, READINGS, "EUR", 10);
        assertThat(preview.warnings())
                .extracting(warning -> warning.code())
                .contains("missing_column", "unused_columns");
        assertThat(preview.uses()).containsExactly("station", "value", "ignore");
        assertThat(preview.rows()).first().isInstanceOf(TableRow.class);
        assertThat(rows(READINGS)).isEmpty();
    }

    @Test
    void datesThatCanBeReadInTwoWaysAreNotGuessed() {
        node.imports.keep(Owner.LOCAL, profile("days", "UTC", column("day", null, "date"), column("v", null, "text")));
        Job job = node.awaitEnd(submit("day,v\n03/04/2026,x\n05/04/2026,y\n", "days"));
        assertThat(job.error()).extracting(error -> error.code()).isEqualTo(ErrorCode.AMBIGUOUS);
    }

    @Test
    void anImportIsTakenBackAndMadeAgain() {
        keepReadings();
        Job job = node.completes(submit(HEADER + NORTH, READINGS));
        Job other = node.completes(submit(HEADER + SOUTH, READINGS));
        assertThat(node.imports.undo(Owner.LOCAL, job.id())).isEqualTo(1);
        assertThat(rows(READINGS))
                .extracting(OwnTables.Row::job)
                .containsExactly(other.id().value());
        assertThat(facts(node.completes(submit(HEADER + NORTH, READINGS)))).isEqualTo(new RowFacts(1, 1, 0, 0));
    }

    @Test
    void theSameFileIsTransactionsAndRowsOfEachTable() {
        String text = "date,description,amount\n2026-03-01,COFFEE,-4.50\n2026-03-02,TEA,-3.00\n";
        node.imports.keep(Owner.LOCAL, profile("one", "UTC", column("amount", null, "decimal")));
        node.imports.keep(Owner.LOCAL, profile("two", "UTC", column("amount", null, "decimal")));
        node.completes(node.submit(text));
        for (String name : List.of("one", "two")) {
            assertThat(facts(node.completes(submit(text, name)))).isEqualTo(new RowFacts(2, 2, 0, 0));
            assertThat(rows(name)).hasSize(2);
        }
        assertThat(node.booked()).hasSize(2);
    }

    @Test
    void aTableWithRowsKeepsItsColumnsAndOneWithoutTakesOthers() {
        keepPrices();
        Profile other = profile(PRICES, "UTC", column("sku", null, "text"));
        Job job = node.completes(submit("sku,price\na,1.50\n", PRICES));
        assertThatThrownBy(() -> node.imports.keep(Owner.LOCAL, other))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.CONFLICT));
        node.imports.drop(Owner.LOCAL, PRICES);
        assertThat(rows(PRICES)).hasSize(1);
        node.imports.undo(Owner.LOCAL, job.id());
        node.imports.keep(Owner.LOCAL, other);
        assertThat(node.imports.tables().existing("local", PRICES).columns()).isEqualTo(other.table());
        node.imports.drop(Owner.LOCAL, PRICES);
        assertThat(node.imports.tables().list("local")).isEmpty();
        assertThat(node.imports.list(Owner.LOCAL, 10, null)).hasSize(1);
    }

    @Test
    void namesThatDifferByADashHaveTablesOfTheirOwn() {
        for (String name : List.of("a-b", "a_b")) {
            node.imports.keep(Owner.LOCAL, profile(name, "UTC", column("select", null, "text")));
            node.completes(submit("select,from\n" + name + ",x\n", name));
        }
        assertThat(values("a-b")).containsExactly(List.of("a-b"));
        assertThat(values("a_b")).containsExactly(List.of("a_b"));
    }

    @Test
    void columnsMayBeNamedLikeOurs() {
        node.imports.keep(
                Owner.LOCAL,
                profile(
                        "ours",
                        "UTC",
                        column("job", null, "text"),
                        column("id", null, "integer"),
                        column("number", null, "text")));
        Job job = node.completes(submit("job,id,number\na,1,x\nb,2,y\n", "ours"));
        assertThat(values("ours")).containsExactly(List.of("a", 1L, "x"), List.of("b", 2L, "y"));
        assertThat(rows("ours"))
                .extracting(OwnTables.Row::job)
                .containsOnly(job.id().value());
    }

    @Test
    void whatNoTableCanHaveIsRefused() {
        for (String name : List.of("", "1a", "A", "a b", "_id", "a\"; DROP TABLE x; --")) {
            assertThatThrownBy(() -> column(name, null, "text")).as(name).isInstanceOf(ProblemException.class);
        }
        assertThatThrownBy(() -> column("a", null, "number")).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> profile("p", "UTC", column("a", null, "text"), column("a", null, "date")))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> node.imports.keep(Owner.LOCAL, profile("p", "Mars", column("a", null, "text"))))
                .isInstanceOf(ProblemException.class);
    }

    private String many() {
        var text = new StringBuilder("sku,price\n");
        for (int i = 0; i < MANY; i++) {
            text.append("article ").append(i).append(',').append(i % 100).append(".25\n");
        }
        return text.toString();
    }

    @RepeatedTest(5)
    void aCancelAtAnyTimeLeavesNothing() {
        keepPrices();
        Job job = submit(many(), PRICES);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(new Random().nextInt(500)));
        try {
            node.cancel(job);
        } catch (ProblemException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.NOT_CANCELLABLE);
            assertThat(node.engine.job(job.id()).state()).isEqualTo(JobState.COMPLETED);
            assertThat(rows(PRICES)).hasSize(MANY);
            return;
        }
        assertThat(node.awaitEnd(job).state()).isEqualTo(JobState.CANCELLED);
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(rows(PRICES)).isEmpty();
            assertThat(node.rows("fingerprints")).isZero();
            assertThat(node.rows("imports")).isZero();
            assertThat(node.waiting()).isEmpty();
        });
    }

    @RepeatedTest(3)
    void afterACrashTheRowsAreThereOnceAndWhole() {
        keepPrices();
        Job job = submit(many(), PRICES);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(new Random().nextInt(700)));
        node.crashAndRestart();
        node.completes(job);
        assertThat(rows(PRICES)).hasSize(MANY);
        assertThat(node.rows("imports")).isEqualTo(1);
    }
}
