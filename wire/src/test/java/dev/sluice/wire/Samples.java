package dev.sluice.wire;

import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Document;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.core.Waiting;
import dev.sluice.download.DownloadFacts;
import dev.sluice.download.DownloadSpec;
import dev.sluice.download.Downloads;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Jobs and receipts to write down.
final class Samples {
    static final Instant T0 = Instant.parse("2026-11-21T12:00:00Z");
    static final Instant T1 = Instant.parse("2026-11-21T12:00:01.250Z");
    static final Instant T2 = Instant.parse("2026-11-21T12:00:02.5Z");
    static final JobId ID = new JobId("f1");
    static final BatchId BATCH = new BatchId("b1");
    static final FileFacts FACTS = new FileFacts("a.txt", "ä?.txt", 10L, "text/plain", "local", 4);

    private Samples() {}

    /// A JSON object and its members.
    record TestingDocument(Map<String, Object> members, String json) implements Document {
        @Override
        public <T extends Record> T as(Class<T> type) {
            throw new IllegalArgumentException("no " + type + " here");
        }
    }

    /// A record of a kind of job, as its store holds it.
    record TestingRecord(Record record) implements Document {
        @Override
        public <T extends Record> T as(Class<T> type) {
            return type.cast(record);
        }

        @Override
        public Map<String, Object> members() {
            return Map.of();
        }

        @Override
        public String json() {
            return Json.text(record);
        }
    }

    /// A download of `https://example.com/film.mp4`, half of whose bytes are here.
    static Job download(JobState state, @Nullable Instant started, DownloadFacts facts) {
        boolean waits = state == JobState.PENDING;
        return new Job(
                new JobId("d1"),
                Downloads.KIND,
                "film.mp4",
                Owner.LOCAL,
                null,
                state,
                waits ? Waiting.SLOT : null,
                StagePlan.of(
                        new Stage("probe", 5, 5, started, started),
                        new Stage("download", 15, 97, started, state.ended() ? T2 : null),
                        new Stage("commit", 98, 98)),
                new TestingRecord(new DownloadSpec(
                        "https://example.com/film.mp4?token=...",
                        "sealed",
                        "example.com",
                        "clips",
                        null,
                        null,
                        false,
                        null,
                        false,
                        null,
                        null)),
                new TestingRecord(facts),
                null,
                started == null ? 0 : 5,
                10L,
                0,
                1,
                null,
                null,
                1,
                60_000,
                null,
                state == JobState.FAILED ? new Problem(ErrorCode.UPSTREAM_NOT_FOUND, "There is no such file.") : null,
                state == JobState.CANCELLED ? CancelSource.HTTP_ENDPOINT : null,
                null,
                0,
                T0,
                started,
                state.ended() ? T2 : null,
                7);
    }

    static Document document(String json) {
        return new TestingDocument(Map.of(), json);
    }

    static Job job(JobState state, @Nullable Instant started) {
        boolean cancelled = state == JobState.CANCELLED;
        return new Job(
                ID,
                new Kind("upload"),
                "a.txt",
                Owner.LOCAL,
                BATCH,
                state,
                state == JobState.PENDING ? Waiting.CLIENT : null,
                StagePlan.of(new Stage("transfer", 0, 100, started, state.ended() ? T2 : null)),
                new TestingDocument(Map.of("storage", "local"), "{}"),
                document("{\"sizeBytes\":10}"),
                null,
                4,
                10L,
                0,
                1,
                null,
                null,
                1,
                60_000,
                null,
                state == JobState.FAILED ? new Problem(ErrorCode.DISK_FULL, "No space is left in local.") : null,
                cancelled ? CancelSource.HTTP_ENDPOINT : null,
                cancelled ? receipt(true) : null,
                0,
                T0,
                started,
                state.ended() ? T2 : null,
                7);
    }

    static CancelReceipt receipt(boolean stopped) {
        return new CancelReceipt(
                ID, stopped, T2, 1.23456, 2.0, 4, CancelReceipt.Cleanup.OWED, CancelSource.HTTP_ENDPOINT);
    }
}
