package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.Progress;
import dev.sluice.core.Stage;
import dev.sluice.download.DownloadFacts;
import dev.sluice.download.Downloads;
import dev.sluice.files.OnCancel;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Operations;
import dev.sluice.files.Verb;
import dev.sluice.imports.Imports;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A job as the general API shows it.
///
/// @param waiting what a pending job waits for: `client` `slot` `retry`
/// @param position of one that waits for a place: 1 is the next
/// @param facts the JSON text of an object, by kind
/// @param cancelledBy through which door the cancel came
/// @param seq the number of the job's last event
/// @param links paths of what can be done with the job just now
public record JobDocument(
        String id,
        String kind,
        String name,
        String owner,
        @Nullable String batch,
        String state,
        @Nullable String waiting,
        @Nullable Integer position,
        @Nullable String stage,
        List<Leg> stages,
        Done progress,
        int attempt,
        @Nullable String source,
        @Nullable String target,
        @JsonRawValue String facts,
        @Nullable Failure error,
        Instant created,
        @Nullable Instant started,
        @Nullable Instant ended,
        @Nullable String cancelledBy,
        long seq,
        Map<String, String> links) {
    static final String UPLOAD = "upload";

    /// A stage, and the range of the job's percentage that it fills.
    public record Leg(
            String name,
            int from,
            int to,
            @Nullable Instant started,
            @Nullable Instant ended) {
        static Leg of(Stage stage) {
            return new Leg(stage.name(), stage.from(), stage.to(), stage.started(), stage.ended());
        }
    }

    /// How far the job is.
    ///
    /// @param percent 0–100
    /// @param rate bytes per second
    /// @param eta seconds left
    public record Done(
            double percent,
            long bytes,
            @Nullable Long totalBytes,
            @Nullable Long items,
            @Nullable Long totalItems,
            @Nullable Long rate,
            @Nullable Double eta,
            @Nullable String current) {
        static Done of(Progress live) {
            return new Done(
                    JobDocument.percent(live.percent()),
                    live.bytes(),
                    live.totalBytes(),
                    live.items(),
                    live.totalItems(),
                    JobDocument.rate(live.rate()),
                    JobDocument.eta(live.eta()),
                    live.current());
        }
    }

    /// Why the job failed, or why its last attempt did.
    public record Failure(String code, String message, boolean retryable) {
        static Failure of(Problem problem) {
            return new Failure(problem.code().code(), problem.message(), problem.retryable());
        }
    }

    /// @param live how far it is just now, where it runs here
    /// @param position where it stands in its queue, where that is known
    public static JobDocument of(Job job, @Nullable Progress live, Ends ends, @Nullable Integer position) {
        var batch = job.batch();
        var waiting = job.waiting();
        var by = job.cancelledBy();
        var error = job.error();
        return new JobDocument(
                job.id().value(),
                job.kind().value(),
                job.name(),
                job.owner().name(),
                batch == null ? null : batch.value(),
                job.state().word(),
                waiting == null ? null : waiting.word(),
                job.state() == JobState.PENDING ? position : null,
                job.stages().current().map(Stage::name).orElse(null),
                job.stages().stages().stream().map(Leg::of).toList(),
                live == null || job.state() != JobState.RUNNING ? recorded(job) : Done.of(live),
                job.attempt(),
                ends.source(),
                ends.target(),
                job.facts().json(),
                error == null ? null : Failure.of(error),
                job.created(),
                job.started(),
                job.ended(),
                by == null ? null : by.word(),
                job.seq(),
                links(job));
    }

    /// As [#of(Job, Progress, Ends, Integer)], with the ends that the job itself tells.
    public static JobDocument of(Job job, @Nullable Progress live) {
        return of(job, live, Ends.told(job), null);
    }

    static String contentPath(JobId id) {
        return "/api/v1/download/stream/" + id;
    }

    static double percent(double percent) {
        return Double.isFinite(percent) ? Math.round(Math.clamp(percent, 0, 100) * 100) / 100.0 : 0;
    }

    static @Nullable Long rate(@Nullable Double rate) {
        return rate == null || !Double.isFinite(rate) ? null : (Long) Math.max(0, Math.round(rate));
    }

    static @Nullable Double eta(@Nullable Double eta) {
        return eta == null || !Double.isFinite(eta) || eta > 1e12
                ? null
                : (Double) (Math.round(Math.max(0, eta) * 10) / 10.0);
    }

    private static Done recorded(Job job) {
        return new Done(recordedPercent(job), recordedBytes(job), job.totalBytes(), null, null, null, null, null);
    }

    /// A cancel comes between two records of a job's bytes; its receipt has the newer ones.
    private static long recordedBytes(Job job) {
        var receipt = job.receipt();
        return receipt == null ? job.bytes() : Math.max(job.bytes(), receipt.bytesKept());
    }

    /// Where the job is completed, all; else the fraction of its bytes, laid into the stage that it reached
    /// last, but no less than what was seen.
    private static double recordedPercent(Job job) {
        return recordedPercent(job, null);
    }

    /// @param last how far it was when it was last seen moving
    static double recordedPercent(Job job, @Nullable Progress last) {
        if (job.state() == JobState.COMPLETED) {
            return 100;
        }
        if (last != null) {
            return percent(last.percent());
        }
        Long total = job.totalBytes();
        double fraction = total == null || total <= 0 ? 0 : Math.clamp((double) recordedBytes(job) / total, 0, 1);
        if (job.stages().stages().isEmpty()) {
            return percent(Math.max(job.percent(), 100 * fraction));
        }
        return job.stages().stages().stream()
                .filter(stage -> stage.started() != null)
                .reduce((before, after) -> after)
                .map(stage -> percent(Math.max(job.percent(), stage.from() + fraction * (stage.to() - stage.from()))))
                .orElse(0.0);
    }

    private static boolean hasContent(Job job) {
        return job.kind().equals(Downloads.KIND)
                ? DownloadFacts.of(job).key() != null
                : job.kind().value().equals(UPLOAD) && !isPiece(job);
    }

    /// Whether an upload went into another one and is no file of its own.
    private static boolean isPiece(Job job) {
        return job.spec().members().get("composition") instanceof Map<?, ?> composition
                && composition.get("pieces") instanceof List<?> pieces
                && pieces.isEmpty();
    }

    /// Whether there is something that another operation could take back.
    private static boolean isUndoable(Job job) {
        OperationSpec spec = Operations.spec(job);
        boolean takenBack = job.state() == JobState.CANCELLED && spec.onCancel() == OnCancel.ROLLBACK;
        return spec.verb() != Verb.COPY && job.state().ended() && job.everRan() && !takenBack;
    }

    static Map<String, String> links(Job job) {
        String self = "/api/v1/jobs/" + job.id();
        var links = new LinkedHashMap<String, String>();
        links.put("self", self);
        links.put("events", self + "/events");
        links.put("history", self + "/history");
        var batch = job.batch();
        if (batch != null) {
            links.put("batch", "/api/v1/batches/" + batch);
        }
        if (job.kind().equals(Operations.KIND)) {
            links.put("report", "/api/v1/operations/" + job.id() + "/report");
            if (isUndoable(job)) {
                links.put("undo", "/api/v1/operations/" + job.id() + "/undo");
            }
        }
        if (job.kind().equals(Imports.KIND)) {
            putImport(job, links);
        }
        switch (job.state()) {
            case PENDING, RUNNING -> {
                links.put("cancel", self + "/cancel");
                links.put("pause", self + "/pause");
            }
            case PAUSED -> {
                links.put("cancel", self + "/cancel");
                links.put("resume", self + "/resume");
            }
            case FAILED -> {
                // The file of an import is not kept.
                if (!job.kind().equals(Imports.KIND)) {
                    links.put("retry", self + "/retry");
                }
            }
            case COMPLETED -> {
                if (hasContent(job)) {
                    links.put("content", contentPath(job.id()));
                }
            }
            case CANCELLED -> {}
        }
        return links;
    }

    private static void putImport(Job job, Map<String, String> links) {
        String rejects = "/api/v1/imports/" + job.id() + "/rejects";
        Problem error = job.error();
        if (job.state() == JobState.COMPLETED) {
            if (job.facts().members().get("table") instanceof String table) {
                links.put("rows", "/api/v1/tables/" + table + "/rows?import=" + job.id());
            } else {
                links.put("transactions", "/api/v1/transactions?import=" + job.id());
            }
            links.put("rejects", rejects);
            links.put("undo", "/api/v1/imports/" + job.id() + "/undo");
        } else if (error != null && error.code() == ErrorCode.TOO_MANY_ERRORS) {
            links.put("rejects", rejects);
        }
    }
}
