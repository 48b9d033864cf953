package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import dev.sluice.download.Downloads;
import dev.sluice.wire.DownloadAnswer;
import dev.sluice.wire.DownloadBatchAnswer;
import dev.sluice.wire.DownloadCall;
import dev.sluice.wire.DownloadCancelAnswer;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Downloads: asked for, told of, cancelled. Wire contract §2.
final class DownloadRoutes {
    private static final int GUEST_ID = 16;

    private final Downloads downloads;
    private final DownloadStatuses statuses;
    private final DownloadLinks links;

    DownloadRoutes(Sluice sluice, DownloadStatuses statuses, DownloadLinks links) {
        this.downloads = sluice.downloads();
        this.statuses = statuses;
        this.links = links;
    }

    void add(RoutesConfig routes) {
        routes.post("/api/download", this::submit);
        routes.post("/api/v1/download", this::submit);
        routes.post("/api/v1/downloads", this::submitAll);
        routes.get("/api/status/{id}", this::status);
        routes.get("/api/v1/download/{id}", this::status);
        routes.post("/api/v1/download/cancel/{id}", this::cancel);
        routes.delete("/api/v1/download/{id}", this::cancel);
    }

    private void submit(Context request) {
        DownloadCall call = DownloadCall.parse(request.bodyAsBytes());
        Job job = downloads.submit(
                call.request(), Routes.owner(request), guessable(request, call.job()), Routes.idempotencyKey(request));
        request.status(202).header("Location", "/api/v1/jobs/" + job.id());
        Routes.json(request, DownloadAnswer.of(job));
    }

    /// Of what a guest has made the id is the right to see and to stop it.
    private static @Nullable JobId guessable(Context request, @Nullable JobId own) {
        boolean guest = Identity.of(Routes.core(request)).via() == Caller.Via.GUEST;
        if (own != null && guest && own.value().length() < GUEST_ID) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "who does not log in brings an id that nobody guesses, of at least " + GUEST_ID
                            + " characters, or none",
                    Map.of("field", "jobId"));
        }
        return own;
    }

    private Job existing(Context request) {
        String id = request.pathParam("id");
        return Access.job(Routes.core(request), downloads.find(id))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no download " + id));
    }

    private void submitAll(Context request) {
        List<Job> jobs = downloads.submitAll(
                DownloadCall.parseAll(request.bodyAsBytes()), Routes.owner(request), Routes.idempotencyKey(request));
        BatchId batch = Objects.requireNonNull(jobs.getFirst().batch());
        request.status(202).header("Location", "/api/v1/batches/" + batch);
        Routes.json(request, DownloadBatchAnswer.of(batch, jobs));
    }

    private void status(Context request) {
        Job job = existing(request);
        String base = links.base(Routes.core(request));
        Routes.json(request, statuses.of(job, base));
    }

    private void cancel(Context request) {
        Downloads.Cancelled done =
                downloads.cancel(existing(request), Routes.asked(request, CancelSource.HTTP_ENDPOINT));
        Routes.json(request, DownloadCancelAnswer.of(done.id(), done.decided(), done.stopped()));
    }
}
