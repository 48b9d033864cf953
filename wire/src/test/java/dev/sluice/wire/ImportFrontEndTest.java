package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.core.Waiting;
import dev.sluice.imports.ImportSpec;
import dev.sluice.imports.Imports;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Imports as the front ends in the field are told of them: wire contract §3.
class ImportFrontEndTest {
    private static final BatchId BATCH = Samples.BATCH;
    private static final Instant NOW = Samples.T2;
    private static final List<String> STAGES =
            List.of("validation", "scanning", "parsing", "database", "categorization");

    /// An import whose stages begin one second after the other.
    private static final class TestingImport {
        private final String id;
        private final String filename;
        private final long size;
        private StagePlan plan = StagePlan.of(
                new Stage("validation", 0, 20),
                new Stage("scanning", 20, 40),
                new Stage("parsing", 40, 60),
                new Stage("database", 60, 80),
                new Stage("categorization", 80, 100));
        private JobState state = JobState.PENDING;
        private @Nullable Waiting waiting = Waiting.SLOT;
        private @Nullable Instant started;
        private @Nullable Instant ended;
        private @Nullable Problem error;
        private Map<String, Object> facts = Map.of();
        private double percent;
        private Instant clock = Samples.T0;

        TestingImport(String id, String filename, long size) {
            this.id = id;
            this.filename = filename;
            this.size = size;
        }

        TestingImport enters(String stage) {
            clock = clock.plusSeconds(1);
            started = started == null ? clock : started;
            state = JobState.RUNNING;
            waiting = null;
            plan = plan.enter(stage, clock);
            percent = plan.percent(0);
            return this;
        }

        TestingImport at(double now) {
            percent = now;
            return this;
        }

        TestingImport finds(Map<String, Object> found) {
            facts = found;
            return this;
        }

        TestingImport waits(Waiting why, @Nullable Problem because) {
            state = JobState.PENDING;
            waiting = why;
            error = because;
            return this;
        }

        TestingImport ends(JobState how, @Nullable Problem why) {
            clock = clock.plusSeconds(1);
            state = how;
            ended = clock;
            error = why;
            plan = plan.end(clock);
            return this;
        }

        SeenImport seen() {
            var live = state == JobState.RUNNING
                    ? new Progress(new JobId(id), percent, 0, size, null, null, null, null, null)
                    : null;
            return new SeenImport(job(), live);
        }

        private Job job() {
            return new Job(
                    new JobId(id),
                    Imports.KIND,
                    filename,
                    Owner.LOCAL,
                    BATCH,
                    state,
                    waiting,
                    plan,
                    new Samples.TestingRecord(new ImportSpec(filename, size, "main", "EUR", null)),
                    new Samples.TestingDocument(facts, "{}"),
                    null,
                    state == JobState.COMPLETED ? size : 0,
                    size,
                    0,
                    1,
                    null,
                    null,
                    1,
                    60_000,
                    null,
                    error,
                    state == JobState.CANCELLED ? CancelSource.BATCH_CANCEL : null,
                    null,
                    0,
                    Samples.T0,
                    started,
                    ended,
                    7);
        }
    }

    private static TestingImport one() {
        return new TestingImport("i1", "bank.csv", 1_000);
    }

    private static Batch batch(@Nullable Instant cancelled) {
        return new Batch(
                BATCH, Owner.LOCAL, Imports.KIND, true, Samples.T0, cancelled, 0, new Batch.Counts(1, 1, 0, 0, 0));
    }

    private static void see(ImportTelling telling, TestingImport... imports) {
        telling.see(
                batch(null), List.of(imports).stream().map(TestingImport::seen).toList());
    }

    private static List<ImportMessage> all(ImportTelling telling) {
        var all = new ArrayList<ImportMessage>();
        for (Optional<ImportMessage> next = telling.next(NOW); next.isPresent(); next = telling.next(NOW)) {
            all.add(next.get());
        }
        return all;
    }

    private static List<String> brief(List<ImportMessage> messages) {
        return messages.stream()
                .map(message -> message.status() + " " + message.stage() + " " + message.progress())
                .toList();
    }

    private static Map<String, Object> rows(long records, long added, long duplicates, long rejected) {
        return Map.of("records", records, "added", added, "duplicates", duplicates, "rejected", rejected);
    }

    private static TestingImport done(TestingImport one, Map<String, Object> facts) {
        STAGES.forEach(one::enters);
        return one.finds(facts).ends(JobState.COMPLETED, null);
    }

    // ---- Messages, to the letter

    @Test
    void theFirstMessageHasNoDetails() {
        assertThat(Json.text(ImportMessage.connected("b1", NOW)))
                .isEqualTo("{\"batch_id\":\"b1\",\"progress\":0.0,\"status\":\"connected\",\"stage\":\"validation\","
                        + "\"message\":\"Connected; what follows is told here\","
                        + "\"timestamp\":\"2026-11-21T12:00:02.500Z\"}");
    }

    @Test
    void aMessageSaysHowFarAllIs() {
        var one =
                one().enters("validation").enters("scanning").enters("parsing").finds(Map.of("records", 400));
        ImportMessage message =
                ImportTelling.latest(batch(null), List.of(one.at(45.5).seen()), NOW);
        assertThat(Json.text(message))
                .isEqualTo("{\"batch_id\":\"b1\",\"progress\":45.5,\"status\":\"processing\",\"stage\":\"parsing\","
                        + "\"message\":\"Parsing its rows\",\"details\":{\"processed\":110,\"total\":400,\"errors\":0,"
                        + "\"filename\":\"bank.csv\",\"size\":1000},\"timestamp\":\"2026-11-21T12:00:02.500Z\"}");
    }

    @Test
    void beforeItsRowsAreCountedAFileIsToldInBytes() {
        var one = one().enters("validation").at(5);
        ImportMessage message = ImportTelling.latest(batch(null), List.of(one.seen()), NOW);
        assertThat(message.details()).isEqualTo(new ImportMessage.Details(250, 1_000, 0, "bank.csv", 1_000));
    }

    @Test
    void aFailureIsAnErrorWithItsReason() {
        var one = one().enters("validation")
                .ends(
                        JobState.FAILED,
                        new Problem(ErrorCode.TOO_MANY_ERRORS, "more than 5 rows are wrong", Map.of("rejected", 6)));
        ImportMessage message = ImportTelling.latest(batch(null), List.of(one.seen()), NOW);
        assertThat(message.status()).isEqualTo("error");
        assertThat(message.error()).isEqualTo(message.message()).isEqualTo("more than 5 rows are wrong");
        assertThat(message.stage()).isEqualTo("validation");
        assertThat(message.details()).isNotNull().satisfies(details -> {
            assertThat(details.processed()).isZero();
            assertThat(details.errors()).isEqualTo(6);
        });
        assertThat(message.ends()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "97|3|2|97 rows added, 3 there already, 2 rejected",
                "1|0|0|1 row added",
                "0|0|0|0 rows added",
                "0|50|0|Imported before: nothing is new, 50 rows were there already",
                "0|1|1|Imported before: nothing is new, 1 row was there already, 1 row was rejected"
            })
    void theEndSaysHowManyRowsAreNew(long added, long duplicates, long rejected, String words) {
        var one = done(one(), rows(added + duplicates + rejected, added, duplicates, rejected));
        ImportMessage message = ImportTelling.latest(batch(null), List.of(one.seen()), NOW);
        assertThat(message.status()).isEqualTo("completed");
        assertThat(message.progress()).isEqualTo(100);
        assertThat(message.message()).isEqualTo(words);
        assertThat(message.details())
                .isEqualTo(
                        new ImportMessage.Details(added, added + duplicates + rejected, rejected, "bank.csv", 1_000));
    }

    @Test
    void aCancelledBatchSaysSo() {
        var one = one().enters("validation").ends(JobState.CANCELLED, null);
        ImportMessage message = ImportTelling.latest(batch(NOW), List.of(one.seen()), NOW);
        assertThat(message.status()).isEqualTo("cancelled");
        assertThat(message.error()).isNull();
    }

    @Test
    void whatWaitsSaysWhy() {
        assertThat(ImportTelling.latest(batch(null), List.of(one().seen()), NOW).message())
                .isEqualTo("Waits for its turn");
        var again = one().enters("validation")
                .waits(Waiting.RETRY, new Problem(ErrorCode.SCANNER_UNAVAILABLE, "clamd does not answer"));
        assertThat(ImportTelling.latest(batch(null), List.of(again.seen()), NOW).message())
                .isEqualTo("Waits to try again: clamd does not answer");
    }

    @ParameterizedTest
    @CsvSource(
            value = {"ping|pong", "' ping '|pong", "PING|", "'{\"type\":\"ping\"}'|"},
            delimiter = '|')
    void theBareWordIsAnswered(String said, @Nullable String answer) {
        assertThat(ImportMessage.answer(said)).isEqualTo(answer);
    }

    // ---- Stages

    @Test
    void everyStageIsToldAtItsStartAndItsEndHoweverShort() {
        var telling = new ImportTelling(BATCH);
        see(telling, one());
        assertThat(brief(all(telling))).containsExactly("processing validation 0.0");
        see(telling, done(one(), rows(10, 10, 0, 0)));
        assertThat(brief(all(telling)))
                .containsExactly(
                        "processing validation 0.0",
                        "processing validation 20.0",
                        "processing scanning 20.0",
                        "processing scanning 40.0",
                        "processing parsing 40.0",
                        "processing parsing 60.0",
                        "processing database 60.0",
                        "processing database 80.0",
                        "processing categorization 80.0",
                        "processing categorization 100.0",
                        "completed categorization 100.0");
        see(telling, done(one(), rows(10, 10, 0, 0)));
        assertThat(all(telling)).isEmpty();
    }

    @Test
    void stagesAreToldOnceAndProgressBetweenThem() {
        var telling = new ImportTelling(BATCH);
        var one = one().enters("validation");
        see(telling, one);
        assertThat(brief(all(telling))).containsExactly("processing validation 0.0");
        see(telling, one.at(7));
        see(telling, one.at(12));
        assertThat(brief(all(telling))).containsExactly("processing validation 12.0");
        see(telling, one.enters("scanning").at(21));
        assertThat(brief(all(telling)))
                .containsExactly("processing validation 20.0", "processing scanning 20.0", "processing scanning 21.0");
    }

    @Test
    void whatIsMeasuredAheadOfItsStageStaysInIt() {
        var telling = new ImportTelling(BATCH);
        see(telling, one().enters("validation").at(23));
        assertThat(brief(all(telling))).containsExactly("processing validation 0.0", "processing validation 20.0");
    }

    @Test
    void aStageThatFailedHasNoEnd() {
        var telling = new ImportTelling(BATCH);
        see(
                telling,
                one().enters("validation")
                        .enters("scanning")
                        .ends(JobState.FAILED, new Problem(ErrorCode.INFECTED, "it is a program")));
        assertThat(brief(all(telling)))
                .containsExactly(
                        "processing validation 0.0",
                        "processing validation 20.0",
                        "processing scanning 20.0",
                        "error scanning 20.0");
    }

    @Test
    void aSecondAttemptBeginsAgainAndPercentagesDoNot() {
        var telling = new ImportTelling(BATCH);
        var one = one().enters("validation").enters("scanning");
        see(telling, one.at(30));
        all(telling);
        see(telling, one.waits(Waiting.RETRY, new Problem(ErrorCode.SCANNER_UNAVAILABLE, "gone")));
        all(telling);
        see(telling, one.enters("validation"));
        assertThat(brief(all(telling))).containsExactly("processing validation 30.0");
        see(telling, one.enters("scanning"));
        assertThat(brief(all(telling))).startsWith("processing validation 30.0", "processing scanning 30.0");
        see(telling, one.enters("parsing").at(50));
        assertThat(brief(all(telling)))
                .containsExactly("processing scanning 40.0", "processing parsing 40.0", "processing parsing 50.0");
    }

    // ---- Several files

    @Test
    void severalFilesAreTheirMeanBySizeAndTheirSum() {
        var small = new TestingImport("i1", "small.csv", 1_000).enters("validation");
        var large = new TestingImport("i2", "large.csv", 3_000);
        var telling = new ImportTelling(BATCH);
        see(telling, small.at(20), large);
        assertThat(all(telling).getLast()).satisfies(message -> {
            assertThat(message.progress()).isEqualTo(5);
            assertThat(message.details()).isEqualTo(new ImportMessage.Details(1_000, 4_000, 0, "small.csv", 4_000));
        });
        see(telling, small, large.enters("validation").at(10));
        assertThat(all(telling).getLast()).satisfies(message -> {
            assertThat(message.progress()).isEqualTo(12.5);
            assertThat(message.stage()).isEqualTo("validation");
            assertThat(message.details()).isEqualTo(new ImportMessage.Details(2_500, 4_000, 0, "large.csv", 4_000));
        });
    }

    @Test
    void percentagesOfSeveralNeverGoBackAndEveryStageOfEachIsTold() {
        var telling = new ImportTelling(BATCH);
        see(
                telling,
                done(new TestingImport("i1", "a.csv", 100), rows(5, 5, 0, 0)),
                done(new TestingImport("i2", "b.csv", 300), rows(7, 6, 0, 1)));
        List<ImportMessage> told = all(telling);
        assertThat(told).hasSize(21);
        assertThat(told.stream().map(ImportMessage::progress).toList()).isSorted();
        for (String stage : STAGES) {
            assertThat(told.stream().filter(message -> message.stage().equals(stage)))
                    .hasSizeGreaterThanOrEqualTo(4);
        }
        assertThat(told.getLast().details()).isNotNull().satisfies(details -> {
            assertThat(details.processed()).isEqualTo(11);
            assertThat(details.total()).isEqualTo(12);
            assertThat(details.errors()).isEqualTo(1);
            assertThat(details.size()).isEqualTo(400);
        });
    }

    @Test
    void oneThatFailsIsTheErrorOfAllOnceAllHaveEnded() {
        var bad = new TestingImport("i1", "bad.csv", 100)
                .enters("validation")
                .ends(JobState.FAILED, new Problem(ErrorCode.MALFORMED, "it is no table"));
        var good = new TestingImport("i2", "good.csv", 100).enters("validation");
        var telling = new ImportTelling(BATCH);
        see(telling, bad, good);
        assertThat(all(telling)).noneMatch(ImportMessage::ends);
        see(telling, bad, done(good, rows(1, 1, 0, 0)));
        assertThat(all(telling).getLast()).satisfies(message -> {
            assertThat(message.status()).isEqualTo("error");
            assertThat(message.error()).isEqualTo("it is no table");
            assertThat(message.details()).isNotNull();
        });
    }

    // ---- What is asked

    @Test
    void aFormMaySayNothing() {
        assertThat(ImportCall.of(Map.of("batch_id", "", "account", " ")))
                .isEqualTo(new ImportCall(null, "main", null, null));
    }

    @Test
    void whatAFormSaysIsTaken() {
        assertThat(ImportCall.of(
                        Map.of("batch_id", "my.batch-1", "account", "Giro", "currency", "eur", "profile", "dkb")))
                .isEqualTo(new ImportCall(new BatchId("my.batch-1"), "Giro", "EUR", "dkb"));
    }

    @ParameterizedTest
    @CsvSource({"batch_id,a b", "currency,EURO", "currency,QQQ", "account,a\u202eb"})
    void whatAFormCannotSayIsRefusedByItsField(String field, String value) {
        assertThatThrownBy(() -> ImportCall.of(Map.of(field, value)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().details()).containsEntry("field", field));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"category\":\"food\"}", "{\"category\":\"groceries\",\"id\":1}"})
    void whatIsNoCorrectionIsRefused(String json) {
        assertThatThrownBy(() -> CorrectionRequest.parse(json.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isInstanceOf(ProblemException.class);
    }
}
