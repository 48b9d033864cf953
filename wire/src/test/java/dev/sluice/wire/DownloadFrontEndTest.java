package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.BatchId;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import dev.sluice.download.DownloadFacts;
import dev.sluice.download.DownloadRequest;
import dev.sluice.download.Video;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Downloads as the front ends in the field ask for them and read them: wire contract §2.
class DownloadFrontEndTest {
    private static final DownloadFacts NOTHING = new DownloadFacts(null, null, null, null, null, null, null);
    private static final String LINK = "http://127.0.0.1:8080/d/d1/film.mp4?expires=1&signature=00";

    private static DownloadFacts found(double seconds) {
        return new DownloadFacts(
                new Video("v1", "A film", "https://example.com/t.jpg", seconds, "1280x720"),
                "film.mp4",
                "video/mp4",
                10L,
                null,
                null,
                null);
    }

    private static final DownloadFacts STORED = new DownloadFacts(
            new Video("d1", "film.mp4", null, null, null), "film.mp4", "video/mp4", 10L, null, "film.mp4", null);

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static DownloadStatus status(Job job, double percent) {
        var live = new Progress(job.id(), percent, 5, 10L, 1e6, 1.0, null, null, null);
        return DownloadStatus.of(job, live, "s3", LINK);
    }

    // ---- What is asked

    @Test
    void aUrlIsEnough() {
        DownloadCall call = DownloadCall.parse(utf8("{\"url\":\"https://example.com/a\"}"));
        assertThat(call).isEqualTo(new DownloadCall(DownloadRequest.of("https://example.com/a"), null));
    }

    @Test
    void whatAFormLeavesEmptyIsNotAskedFor() {
        DownloadCall call =
                DownloadCall.parse(utf8("{\"url\":\"https://example.com/a\",\"quality\":\"\",\"format\":null,"
                        + "\"storageProvider\":\"\",\"jobId\":\"\"}"));
        assertThat(call).isEqualTo(new DownloadCall(DownloadRequest.of("https://example.com/a"), null));
    }

    @Test
    void everythingThatIsSaidIsAskedFor() {
        DownloadCall call = DownloadCall.parse(utf8("""
                {"url":"https://example.com/a","quality":"1080p","format":"mp4","storageProvider":"s3","jobId":"my.job-1",
                 "name":"b.mp4","checksum":"md5:00","subtitles":true,"maxDuration":600,"playlist":true,
                 "notBefore":"2026-11-21T14:00:00+02:00"}
                """));
        assertThat(call.job()).isEqualTo(new JobId("my.job-1"));
        assertThat(call.request())
                .isEqualTo(new DownloadRequest(
                        "https://example.com/a",
                        "1080p",
                        "mp4",
                        true,
                        600,
                        true,
                        "s3",
                        "b.mp4",
                        "md5:00",
                        Instant.parse("2026-11-21T12:00:00Z")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|url",
                "{\"url\":7}|url",
                "{\"url\":\"u\",\"jobId\":\"a b\"}|jobId",
                "{\"url\":\"u\",\"jobId\":\".\"}|jobId",
                "{\"url\":\"u\",\"jobId\":\"..\"}|jobId",
                "{\"url\":\"u\",\"subtitles\":\"yes\"}|subtitles",
                "{\"url\":\"u\",\"maxDuration\":0}|maxDuration",
                "{\"url\":\"u\",\"maxDuration\":604801}|maxDuration",
                "{\"url\":\"u\",\"maxDuration\":\"10m\"}|maxDuration",
                "{\"url\":\"u\",\"notBefore\":\"tomorrow\"}|notBefore",
                "{\"url\":\"u\",\"notBefore\":\"+300000-01-01T00:00:00Z\"}|notBefore",
                "{\"url\":\"u\",\"qualty\":\"best\"}|qualty"
            })
    void whatIsNoRequestIsRefusedByItsField(String json, String field) {
        assertThatThrownBy(() -> DownloadCall.parse(utf8(json)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().details()).containsEntry("field", field));
    }

    @Test
    void severalHaveAllButTheirUrlsInCommon() {
        assertThat(DownloadCall.parseAll(utf8("{\"urls\":[\"https://a/1\",\"https://a/2\"],\"quality\":\"audio\"}")))
                .extracting(request -> request.url() + " " + request.quality())
                .containsExactly("https://a/1 audio", "https://a/2 audio");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"urls\":[]}", "{\"urls\":[\"a\"],\"name\":\"b\"}", "{\"urls\":[\"a\"],\"playlist\":true}"})
    void whatOnlyOneCanHaveSeveralCannot(String json) {
        assertThatThrownBy(() -> DownloadCall.parseAll(utf8(json))).isInstanceOf(ProblemException.class);
    }

    @Test
    void theAnswersAreThoseOfTheContract() {
        Job job = Samples.download(JobState.PENDING, null, NOTHING);
        assertThat(Json.text(DownloadAnswer.of(job))).isEqualTo("{\"jobId\":\"d1\",\"status\":\"queued\"}");
        assertThat(Json.text(DownloadBatchAnswer.of(new BatchId("b1"), List.of(job))))
                .isEqualTo("{\"batch\":\"b1\",\"jobs\":[\"d1\"]}");
        assertThat(Json.text(
                        DownloadCancelAnswer.of(job.id(), Samples.receipt(true).decided(), true)))
                .isEqualTo("{\"message\":\"Download cancelled successfully\",\"jobId\":\"d1\","
                        + "\"cancelled_at\":\"2026-11-21T12:00:02.500Z\",\"stopped\":true}");
    }

    // ---- How far it is

    @Test
    void whatHasNeverRunIsQueued() {
        assertThat(Json.text(DownloadStatus.of(Samples.download(JobState.PENDING, null, NOTHING), null, "local", LINK)))
                .isEqualTo("{\"jobId\":\"d1\",\"status\":\"queued\",\"progress\":0,\"storageProvider\":\"local\"}");
    }

    @Test
    void whatRunsIsProcessingWithAnIntegerOfPercent() {
        Job job = Samples.download(JobState.RUNNING, Samples.T1, found(212));
        assertThat(Json.text(DownloadMessage.of(status(job, 47.9))))
                .isEqualTo("{\"type\":\"status\",\"data\":{\"jobId\":\"d1\",\"status\":\"processing\",\"progress\":47,"
                        + "\"videoInfo\":{\"id\":\"v1\",\"title\":\"A film\",\"thumbnail\":\"https://example.com/t.jpg\","
                        + "\"duration\":212,\"quality\":\"1280x720\"},\"storageProvider\":\"s3\",\"fileSize\":10}}");
        assertThat(Json.text(status(Samples.download(JobState.RUNNING, Samples.T1, found(0.5)), 10)))
                .contains("\"duration\":0.5,");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PENDING", "PAUSED"})
    void whatHasRunAndWaitsIsProcessingWhereItWasWhenItStopped(JobState state) {
        DownloadStatus status = DownloadStatus.of(Samples.download(state, Samples.T1, NOTHING), null, "s3", LINK);
        assertThat(status.status()).isEqualTo("processing");
        assertThat(status.progress()).isEqualTo(56);
    }

    @Test
    void nothingIsAtAHundredBeforeItIsCompleted() {
        assertThat(status(Samples.download(JobState.RUNNING, Samples.T1, NOTHING), 100)
                        .progress())
                .isEqualTo(99);
    }

    @Test
    void whatIsCompletedHasItsLinkAndNoError() {
        Job job = Samples.download(JobState.COMPLETED, Samples.T1, STORED);
        assertThat(Json.text(DownloadStatus.of(job, null, "s3", LINK)))
                .isEqualTo("{\"jobId\":\"d1\",\"status\":\"completed\",\"progress\":100,"
                        + "\"videoInfo\":{\"id\":\"d1\",\"title\":\"film.mp4\"},\"downloadUrl\":\"" + LINK
                        + "\",\"storageProvider\":\"s3\",\"fileSize\":10}");
    }

    @Test
    void aListThatBecameJobsOfTheirOwnHasNoLink() {
        assertThat(DownloadStatus.of(Samples.download(JobState.COMPLETED, Samples.T1, NOTHING), null, "s3", LINK)
                        .downloadUrl())
                .isNull();
    }

    @Test
    void whatHasFailedSaysWhyInAString() {
        assertThat(Json.text(
                        DownloadStatus.of(Samples.download(JobState.FAILED, Samples.T1, NOTHING), null, "s3", LINK)))
                .isEqualTo("{\"jobId\":\"d1\",\"status\":\"failed\",\"progress\":56,"
                        + "\"error\":\"There is no such file.\",\"storageProvider\":\"s3\"}");
        assertThat(DownloadStatus.of(Samples.download(JobState.CANCELLED, null, NOTHING), null, "s3", LINK)
                        .status())
                .isEqualTo("cancelled");
    }

    @Test
    void whoeverWasToldMoreIsNotToldLess() {
        DownloadStatus before = status(Samples.download(JobState.RUNNING, Samples.T1, NOTHING), 80);
        assertThat(status(Samples.download(JobState.RUNNING, Samples.T1, NOTHING), 15)
                        .noLessThan(before)
                        .progress())
                .isEqualTo(80);
        DownloadStatus queued = DownloadStatus.of(Samples.download(JobState.PENDING, null, NOTHING), null, "s3", LINK);
        assertThat(queued.noLessThan(before).status()).isEqualTo("processing");
        assertThat(queued.noLessThan(null)).isEqualTo(queued);
    }

    // ---- The socket

    @Test
    void aPingIsAnsweredAndNothingElseIs() {
        assertThat(DownloadMessage.answer("ping")).contains("{\"type\":\"pong\"}");
        assertThat(DownloadMessage.answer("{\"type\":\"ping\"}")).contains("{\"type\":\"pong\"}");
        assertThat(DownloadMessage.answer("hello")).isEmpty();
        assertThat(DownloadMessage.answer("")).isEmpty();
    }

    // ---- The general API

    @Test
    void aJobSaysWhereItComesFromWhereItGoesAndWhenItsTurnIs() {
        Job job = Samples.download(JobState.PENDING, null, NOTHING);
        JobDocument waiting = JobDocument.of(job, null, Ends.told(job), 3);
        assertThat(waiting.source()).isEqualTo("https://example.com/film.mp4?token=...");
        assertThat(waiting.target()).isEqualTo("clips");
        assertThat(Json.text(waiting))
                .contains("\"waiting\":\"slot\",\"position\":3,\"stages\":")
                .doesNotContain("sealed");
        assertThat(JobDocument.of(Samples.download(JobState.COMPLETED, Samples.T1, STORED), null)
                        .links())
                .containsEntry("content", "/api/v1/download/stream/d1");
        assertThat(JobDocument.of(Samples.download(JobState.COMPLETED, Samples.T1, NOTHING), null)
                        .links())
                .doesNotContainKey("content");
    }

    @Test
    void aPositionIsCountedFromOne() {
        assertThat(MoveRequest.parse(utf8("{\"position\":2}")).position()).isEqualTo(2);
        assertThatThrownBy(() -> MoveRequest.parse(utf8("{\"position\":0}"))).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> MoveRequest.parse(utf8("{}"))).isInstanceOf(ProblemException.class);
    }
}
