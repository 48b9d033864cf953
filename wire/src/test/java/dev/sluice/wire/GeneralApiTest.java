package dev.sluice.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.Progress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GeneralApiTest {
    private final JsonFrames frames = new JsonFrames();
    private final Event event = new Event(
            9,
            Samples.T1,
            Samples.ID,
            Samples.BATCH,
            Owner.LOCAL,
            new Kind("upload"),
            EventType.STAGE,
            Samples.document("{\"a\":  null}"));

    @Test
    void aRunningJobIsShownAsItIsJustNow() {
        var live = new Progress(Samples.ID, 45.55555, 5, 10L, 1e9 + 0.4, 4.98, null, null, "x");
        assertThat(text(frames.job(Samples.job(JobState.RUNNING, Samples.T1), live)))
                .isEqualTo("{\"id\":\"f1\",\"kind\":\"upload\",\"name\":\"a.txt\",\"owner\":\"local\",\"batch\":\"b1\","
                        + "\"state\":\"running\",\"stage\":\"transfer\",\"stages\":[{\"name\":\"transfer\",\"from\":0,"
                        + "\"to\":100,\"started\":\"2026-11-21T12:00:01.250Z\"}],\"progress\":{\"percent\":45.56,"
                        + "\"bytes\":5,\"totalBytes\":10,\"rate\":1000000000,\"eta\":5.0,\"current\":\"x\"},"
                        + "\"attempt\":1,\"source\":\"client\",\"target\":\"local\",\"facts\":{\"sizeBytes\":10},"
                        + "\"created\":\"2026-11-21T12:00:00.000Z\",\"started\":\"2026-11-21T12:00:01.250Z\","
                        + "\"seq\":7,\"links\":{\"self\":\"/api/v1/jobs/f1\",\"events\":\"/api/v1/jobs/f1/events\","
                        + "\"history\":\"/api/v1/jobs/f1/history\",\"batch\":\"/api/v1/batches/b1\","
                        + "\"cancel\":\"/api/v1/jobs/f1/cancel\",\"pause\":\"/api/v1/jobs/f1/pause\"}}");
    }

    @Test
    void aJobThatDoesNotRunIsShownAsRecorded() {
        JobDocument failed = JobDocument.of(Samples.job(JobState.FAILED, Samples.T1), null);
        assertThat(failed.progress().percent()).isEqualTo(40.0);
        assertThat(Json.text(failed))
                .contains("\"error\":{\"code\":\"disk_full\",\"message\":\"No space is left in local.\","
                        + "\"retryable\":false}");
        assertThat(failed.links()).containsKey("retry").doesNotContainKey("cancel");
        JobDocument done = JobDocument.of(Samples.job(JobState.COMPLETED, Samples.T1), null);
        assertThat(done.progress().percent()).isEqualTo(100.0);
        assertThat(done.links()).containsEntry("content", "/api/v1/download/stream/f1");
        JobDocument waiting = JobDocument.of(Samples.job(JobState.PENDING, null), null);
        assertThat(waiting.waiting()).isEqualTo("client");
        assertThat(waiting.progress().percent()).isEqualTo(0.0);
    }

    @Test
    void receiptsHaveTheFieldsOfTheContract() {
        String one = "{\"id\":\"f1\",\"state\":\"cancelled\",\"stopped\":\"pending\","
                + "\"decided\":\"2026-11-21T12:00:02.500Z\",\"receipt\":{\"requestMillis\":1.235,\"lastByteMillis\":2.0,"
                + "\"bytesKept\":4,\"cleanup\":\"owed\",\"by\":\"http_endpoint\"}}";
        CancelDocument receipt = CancelDocument.of(Samples.receipt(false));
        assertThat(Json.text(receipt)).isEqualTo(one);
        BatchCancelDocument batch = BatchCancelDocument.of(Samples.BATCH, 2, List.of(Samples.receipt(false)));
        assertThat(Json.text(batch))
                .isEqualTo("{\"batch\":\"b1\",\"cancelled\":1,\"alreadyEnded\":2,\"results\":[" + one + "]}");
        assertThat(Json.text(CommandCancelDocument.of(receipt)))
                .isEqualTo("{\"success\":true,\"message\":\"Job f1 cancelled\",\"batch_id\":\"f1\",\"receipt\":" + one
                        + "}");
        assertThat(Json.text(CommandCancelDocument.refused(new Problem(ErrorCode.NOT_FOUND, "No job x."))))
                .isEqualTo("{\"success\":false,\"message\":\"No job x.\",\"code\":\"not_found\"}");
    }

    @Test
    void framesAreThoseOfTheContract() {
        assertThat(text(frames.resumed("e", 3))).isEqualTo("{\"type\":\"resumed\",\"epoch\":\"e\",\"seq\":3}");
        assertThat(text(frames.gap("e", 3))).isEqualTo("{\"type\":\"gap\",\"epoch\":\"e\",\"seq\":3}");
        assertThat(text(frames.pong())).isEqualTo("{\"type\":\"pong\"}");
        assertThat(text(frames.snapshot("e", 3, List.of("{}".getBytes(UTF_8), "{\"a\":1}".getBytes(UTF_8)), true)))
                .isEqualTo("{\"type\":\"snapshot\",\"epoch\":\"e\",\"seq\":3,\"jobs\":[{},{\"a\":1}],\"more\":true}");
        assertThat(text(frames.snapshot("e", 3, List.of(), false)))
                .isEqualTo("{\"type\":\"snapshot\",\"epoch\":\"e\",\"seq\":3,\"jobs\":[]}");
        assertThat(text(frames.event(event)))
                .isEqualTo("{\"type\":\"event\",\"seq\":9,\"at\":\"2026-11-21T12:00:01.250Z\",\"job\":\"f1\","
                        + "\"kind\":\"upload\",\"event\":\"stage\",\"data\":{\"a\":  null}}");
        assertThat(text(frames.progress(
                        Samples.T1,
                        List.of(
                                new Progress(Samples.ID, 50, 5, 10L, 2.0, 2.5, 1L, 2L, "c"),
                                new Progress(new JobId("f2"), 0, 0, null, null, Double.NaN, null, null, null)))))
                .isEqualTo("{\"type\":\"progress\",\"at\":\"2026-11-21T12:00:01.250Z\",\"jobs\":["
                        + "[\"f1\",50.0,5,10,2,2.5,1,2,\"c\"],[\"f2\",0.0,0,null,null,null,null,null,null]]}");
    }

    @Test
    void listsLeaveOutWhatIsNotThere() {
        assertThat(Json.text(new JobListDocument(List.of(), null))).isEqualTo("{\"jobs\":[]}");
        assertThat(Json.text(new JobListDocument(List.of(), "n"))).isEqualTo("{\"jobs\":[],\"next\":\"n\"}");
        assertThat(Json.text(HistoryDocument.of(Samples.ID, List.of(new Progress.Sample(Samples.T1, 12.345, 6, 7.8)))))
                .isEqualTo("{\"id\":\"f1\",\"samples\":[{\"at\":\"2026-11-21T12:00:01.250Z\",\"percent\":12.35,"
                        + "\"bytes\":6,\"rate\":8}]}");
        assertThat(Json.text(EventListDocument.of("e", List.of(event), 2)))
                .startsWith("{\"epoch\":\"e\",\"events\":[{\"type\":\"event\",\"seq\":9,");
    }

    @Test
    void watchersMaySayAnything() {
        assertThat(WatcherMessage.parse("{\"type\":\"subscribe\",\"jobs\":[\"a\",\"a\"]}"))
                .isEqualTo(new WatcherMessage.Subscribe(Set.of(new JobId("a"))));
        assertThat(WatcherMessage.parse("{\"type\":\"unsubscribe\"}"))
                .isEqualTo(new WatcherMessage.Unsubscribe(Set.of()));
        assertThat(WatcherMessage.parse("{\"type\":\"ping\",\"later\":1}")).isEqualTo(new WatcherMessage.Ping());
        for (String text : List.of(
                "",
                "ping",
                "{}",
                "{\"type\":1}",
                "{\"type\":\"sing\"}",
                "{\"type\":\"subscribe\"}",
                "{\"type\":\"subscribe\",\"jobs\":[\"a b\"]}",
                "x".repeat(WatcherMessage.MAX_LENGTH + 1))) {
            assertThat(WatcherMessage.parse(text)).as(text).isInstanceOf(WatcherMessage.Invalid.class);
        }
    }

    @Test
    void tablesAreAlignedAndNamesCannotMoveTheCursor() {
        JobDocument job = JobDocument.of(Samples.job(JobState.PENDING, null), null);
        assertThat(TextTables.jobs(List.of(job))).isEqualTo("""
                        ID  KIND    STATE             PROGRESS  SIZE  RATE  ETA  NAME
                        f1  upload  pending (client)  0.0 %     10 B  -     -    a.txt
                        """);
        assertThat(TextTables.jobs(List.of())).isEqualTo("No jobs.\n");
        assertThat(TextTables.job(job)).contains("State     pending (client)\n");
        assertThat(TextTables.cancelled(CancelDocument.of(Samples.receipt(true))))
                .isEqualTo("f1 cancelled in 1.2 ms, last byte after 2.0 ms, its 4 B are being deleted\n");
        assertThat(Texts.printable("a\u001b[2J\u202eb")).isEqualTo("a?[2J?b");
    }

    @Test
    void sizesAndDurationsAreForPeople() {
        assertThat(TextTables.size(1023L)).isEqualTo("1023 B");
        assertThat(TextTables.size(1024L)).isEqualTo("1.0 KiB");
        assertThat(TextTables.size(1024L * 1024 - 1)).isEqualTo("1.0 MiB");
        assertThat(TextTables.size(1536L * 1024 * 1024)).isEqualTo("1.5 GiB");
        assertThat(TextTables.duration(0.2)).isEqualTo("0:01");
        assertThat(TextTables.duration(3723.0)).isEqualTo("1:02:03");
    }

    private static String text(byte[] json) {
        return new String(json, UTF_8);
    }
}
