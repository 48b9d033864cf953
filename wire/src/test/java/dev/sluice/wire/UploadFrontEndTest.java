package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.core.Batch;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UploadFrontEndTest {
    private static final int MOST_FILES = 7;

    @Test
    void initiateIsReadWithAndWithoutItsOptionalFields() {
        assertThat(InitiateRequest.parse(utf8(
                        "{\"filename\":\"a.txt\",\"size\":0,\"content_type\":\"text/plain\",\"storage\":\"local\"}")))
                .isEqualTo(new InitiateRequest("a.txt", 0, "text/plain", "local"));
        assertThat(InitiateRequest.parse(utf8("{\"filename\":\"a.txt\",\"size\":5,\"storage\":null}")))
                .isEqualTo(new InitiateRequest("a.txt", 5, "application/octet-stream", null));
        assertThat(InitiateRequest.parse(utf8("{\"filename\":\"a.txt\",\"size\":5,\"content_type\":\"\"}"))
                        .contentType())
                .isEqualTo("application/octet-stream");
    }

    @Test
    void whatIsWrongWithABatchNamesItsPlace() {
        assertRefused(batch("{\"filename\":\"a\",\"size\":-1}"), ErrorCode.INVALID_REQUEST, "files[1].size");
        assertRefused(batch("{\"filename\":\"a\",\"size\":\"5\"}"), ErrorCode.INVALID_REQUEST, "files[1].size");
        assertRefused(batch("{\"filename\":\"a\",\"size\":1.0}"), ErrorCode.INVALID_REQUEST, "files[1].size");
        assertRefused(
                batch("{\"filename\":\"a\",\"size\":99999999999999999999}"),
                ErrorCode.INVALID_REQUEST,
                "files[1].size");
        assertRefused(batch("{\"filename\":\"a\"}"), ErrorCode.INVALID_REQUEST, "files[1].size");
        assertRefused(batch("{\"filename\":7,\"size\":1}"), ErrorCode.INVALID_REQUEST, "files[1].filename");
        assertRefused(batch("{\"filename\":\"\\ud800\",\"size\":1}"), ErrorCode.INVALID_REQUEST, "files[1].filename");
        assertRefused(
                batch("{\"filename\":\"a\",\"size\":1,\"content_type\":\"a\\r\\nb\"}"),
                ErrorCode.INVALID_REQUEST,
                "files[1].content_type");
        assertRefused(batch("{\"filename\":\"a\",\"size\":1,\"x\":1}"), ErrorCode.UNKNOWN_FIELD, "files[1].x");
        assertRefused(batch("{\"size\":1,\"size\":1}"), ErrorCode.INVALID_REQUEST, "files[1].size");
        assertRefused(batch("[]"), ErrorCode.INVALID_REQUEST, "files[1]");
        assertRefused("{\"files\":[]}", ErrorCode.INVALID_REQUEST, "files");
        assertRefused("{\"files\":{}}", ErrorCode.INVALID_REQUEST, "files");
        assertRefused("{}", ErrorCode.INVALID_REQUEST, "files");
        assertRefused("", ErrorCode.INVALID_REQUEST, "body");
        assertRefused("[]", ErrorCode.INVALID_REQUEST, "body");
        assertRefused("{} {}", ErrorCode.INVALID_REQUEST, "body");
        assertRefused("{\"files\":", ErrorCode.INVALID_REQUEST, "body");
        assertRefused("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}", ErrorCode.INVALID_REQUEST, "body");
        assertRefused("{\"files\":[" + "{},".repeat(MOST_FILES) + "{}]}", ErrorCode.INVALID_REQUEST, "files");
    }

    @Test
    void messagesSayWhatWasExpected() {
        assertThat(problem("{\"files\":[]}").message())
                .isEqualTo("The field files has 0 elements; expected: an array of 1 to " + MOST_FILES + " objects.");
        assertThat(problem(batch("{\"filename\":\"a\",\"size\":\"5\"}")).message())
                .isEqualTo("The field files[1].size is a text; expected: a non-negative integer.");
    }

    @Test
    void aBodyThatIsNotUtf8OrTooLongIsRefused() {
        assertThat(catchThrowableOfType(
                                ProblemException.class, () -> InitiateRequest.parse(new byte[] {'{', (byte) 0xff, '}'}))
                        .code())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(catchThrowableOfType(
                                ProblemException.class, () -> InitiateRequest.parse(new byte[Json.MAX_BODY + 1]))
                        .code())
                .isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void answersHaveTheFieldsOfTheContract() {
        assertThat(Json.text(InitiateAnswer.of(Samples.ID, "h")))
                .isEqualTo("{\"file_id\":\"f1\",\"gdrive_upload_url\":\"h\"}");
        assertThat(Json.text(BatchInitiateAnswer.of(
                        Samples.BATCH, List.of(BatchInitiateAnswer.File.of(Samples.ID, "a.txt", "h")))))
                .isEqualTo("{\"batch_id\":\"b1\",\"files\":[{\"file_id\":\"f1\",\"original_filename\":\"a.txt\","
                        + "\"name\":\"a.txt\",\"gdrive_upload_url\":\"h\"}]}");
        assertThat(Json.text(FileCancelAnswer.of(Samples.receipt(true), "ä?.txt")))
                .isEqualTo("{\"message\":\"Upload cancelled successfully\",\"file_id\":\"f1\",\"filename\":\"ä?.txt\","
                        + "\"cancelled_at\":\"2026-11-21T12:00:02.500Z\",\"stopped\":true}");
        assertThat(Json.text(FileBatchCancelAnswer.of(
                        Samples.BATCH, Samples.T2, 3, List.of(Samples.receipt(true), Samples.receipt(false)))))
                .isEqualTo("{\"message\":\"Batch upload cancelled successfully\",\"batch_id\":\"b1\","
                        + "\"cancelled_files_count\":2,\"total_files_in_batch\":3,"
                        + "\"cancelled_at\":\"2026-11-21T12:00:02.500Z\",\"stopped\":\"pending\"}");
    }

    @Test
    void aFileDocumentLeavesOutWhatIsNotSo() {
        assertThat(Json.text(FileDocument.of(Samples.job(JobState.RUNNING, Samples.T1), Samples.FACTS)))
                .isEqualTo(file("uploading", ""));
        assertThat(Json.text(FileDocument.of(Samples.job(JobState.CANCELLED, Samples.T1), Samples.FACTS)))
                .isEqualTo(file(
                        "cancelled",
                        ",\"cancelled_at\":\"2026-11-21T12:00:02.500Z\",\"cancelled_by\":\"http_endpoint\""));
        assertThat(Json.text(FileDocument.of(Samples.job(JobState.FAILED, Samples.T1), Samples.FACTS)))
                .isEqualTo(file("failed", ",\"error\":\"No space is left in local.\",\"code\":\"disk_full\""));
    }

    @Test
    void whatHasRunIsNeverPendingAgain() {
        assertThat(FileDocument.status(Samples.job(JobState.PENDING, null))).isEqualTo("pending");
        assertThat(FileDocument.status(Samples.job(JobState.PENDING, Samples.T1)))
                .isEqualTo("uploading");
        assertThat(FileDocument.status(Samples.job(JobState.PAUSED, Samples.T1)))
                .isEqualTo("uploading");
        assertThat(FileDocument.status(Samples.job(JobState.COMPLETED, Samples.T1)))
                .isEqualTo("completed");
    }

    @Test
    void aBatchDocumentHasTheOldMembersFirst() {
        var batch = new Batch(
                Samples.BATCH,
                Owner.LOCAL,
                new Kind("upload"),
                true,
                Samples.T0,
                Samples.T2,
                1,
                new Batch.Counts(2, 2, 1, 0, 1));
        assertThat(Json.text(BatchDocument.of(batch, List.of(Samples.ID))))
                .isEqualTo("{\"id\":\"b1\",\"status\":\"cancelled\",\"file_ids\":[\"f1\"],"
                        + "\"created_at\":\"2026-11-21T12:00:00.000Z\",\"cancelled_at\":\"2026-11-21T12:00:02.500Z\","
                        + "\"cancelled_files_count\":1,\"kind\":\"upload\",\"owner\":\"local\",\"sealed\":true,"
                        + "\"counts\":{\"total\":2,\"begun\":2,\"completed\":1,\"failed\":0,\"cancelled\":1},"
                        + "\"links\":{\"self\":\"/api/v1/batches/b1\",\"jobs\":\"/api/v1/jobs?batch=b1\","
                        + "\"content\":\"/api/v1/batch/download-zip/b1\"}}");
    }

    @Test
    void socketMessagesAreThoseOfTheContract() {
        assertThat(new UploadMessage.Progress(42).text()).isEqualTo("{\"type\":\"progress\",\"value\":42}");
        assertThat(UploadMessage.Success.of(Samples.ID).text())
                .isEqualTo("{\"type\":\"success\",\"value\":\"/api/v1/download/stream/f1\"}");
        assertThat(new UploadMessage.Failure("no").text()).isEqualTo("{\"type\":\"error\",\"value\":\"no\"}");
        assertThat(new UploadMessage.Cancelled().text())
                .isEqualTo("{\"type\":\"cancelled\",\"value\":\"Upload cancelled\"}");
        assertThat(new UploadMessage.Ready(7).text()).isEqualTo("{\"type\":\"ready\",\"offset\":7}");
    }

    @Test
    void progressIs100OnlyWhenAllIsThere() {
        assertThat(UploadMessage.Progress.of(0, 0).value()).isEqualTo(100);
        assertThat(UploadMessage.Progress.of(999, 1000).value()).isEqualTo(99);
        assertThat(UploadMessage.Progress.of(Long.MAX_VALUE - 1, Long.MAX_VALUE).value())
                .isEqualTo(99);
        assertThat(UploadMessage.Progress.of(1000, 1000).value()).isEqualTo(100);
    }

    @Test
    void aProblemKeepsItsOwnMembersWhateverItsDetails() {
        var problem =
                new Problem(ErrorCode.OFFSET_MISMATCH, "Go on from 4.", Map.of("offset", 4, "status", "x", "asked", 5));
        assertThat(Json.text(ProblemDocument.of(problem)))
                .isEqualTo("{\"type\":\"urn:sluice:problem:offset_mismatch\",\"title\":\"Offset mismatch\","
                        + "\"status\":409,\"detail\":\"Go on from 4.\",\"code\":\"offset_mismatch\","
                        + "\"asked\":5,\"offset\":4}");
        assertThat(ProblemDocument.of(problem, 400).status()).isEqualTo(400);
    }

    private static String file(String status, String rest) {
        return "{\"_id\":\"f1\",\"filename\":\"a.txt\",\"original_filename\":\"ä?.txt\","
                + "\"size_bytes\":10,\"content_type\":\"text/plain\",\"status\":\"" + status
                + "\",\"batch_id\":\"b1\",\"storage_location\":\"local\","
                + "\"created_at\":\"2026-11-21T12:00:00.000Z\",\"offset\":4" + rest + "}";
    }

    private static String batch(String second) {
        return "{\"files\":[{\"filename\":\"a\",\"size\":1}," + second + "]}";
    }

    private static void assertRefused(String body, ErrorCode code, String field) {
        Problem problem = problem(body);
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.details()).containsEntry("field", field);
        assertThat(problem.message()).contains(field);
    }

    private static Problem problem(String body) {
        @Nullable
        ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> BatchInitiateRequest.parse(utf8(body), MOST_FILES));
        assertThat(refused).as(body).isNotNull();
        return refused.problem();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
