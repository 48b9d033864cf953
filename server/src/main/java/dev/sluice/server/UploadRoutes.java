package dev.sluice.server;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.upload.FileRequest;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.BatchDocument;
import dev.sluice.wire.BatchInitiateAnswer;
import dev.sluice.wire.BatchInitiateRequest;
import dev.sluice.wire.FileBatchCancelAnswer;
import dev.sluice.wire.FileCancelAnswer;
import dev.sluice.wire.InitiateAnswer;
import dev.sluice.wire.InitiateRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;

/// The JSON routes of the upload proxy: wire contract §1.
final class UploadRoutes {
    private final Engine engine;
    private final Uploads uploads;
    private final Documents documents;

    UploadRoutes(Engine engine, Uploads uploads, Documents documents) {
        this.engine = engine;
        this.uploads = uploads;
        this.documents = documents;
    }

    void add(RoutesConfig routes) {
        routes.post("/api/v1/upload/initiate", this::initiate);
        routes.post("/api/v1/batch/initiate", this::initiateBatch);
        routes.post("/api/v1/upload/cancel/{id}", this::cancel);
        routes.post("/api/v1/batch/cancel/{id}", this::cancelBatch);
        routes.get("/api/v1/upload/{id}", this::file);
        routes.get("/api/v1/batch/{id}", this::files);
        routes.get("/api/v1/batches/{id}", this::batch);
    }

    private void initiate(Context request) {
        InitiateRequest asked = InitiateRequest.parse(request.bodyAsBytes());
        Job job = uploads.initiate(Routes.owner(request), List.of(file(asked)), false, Routes.idempotencyKey(request))
                .files()
                .getFirst();
        Routes.json(request, InitiateAnswer.of(job.id(), Handles.of(job)));
    }

    private void initiateBatch(Context request) {
        BatchInitiateRequest asked = BatchInitiateRequest.parse(
                request.bodyAsBytes(), uploads.settings().maxFiles());
        Uploads.Initiated made = uploads.initiate(
                Routes.owner(request),
                asked.files().stream().map(UploadRoutes::file).toList(),
                true,
                Routes.idempotencyKey(request));
        BatchId batch = made.batch();
        if (batch == null) {
            throw new IllegalStateException("a batch was asked for and none was made");
        }
        Routes.json(
                request,
                BatchInitiateAnswer.of(
                        batch,
                        made.files().stream()
                                .map(job -> BatchInitiateAnswer.File.of(
                                        job.id(), Uploads.spec(job).originalFilename(), Handles.of(job)))
                                .toList()));
    }

    private static FileRequest file(InitiateRequest asked) {
        return new FileRequest(asked.filename(), asked.size(), asked.contentType(), asked.storage());
    }

    private void cancel(Context request) {
        JobId id = Routes.job(request);
        Job before = existing(request);
        Engine.Cancelled done = engine.cancel(id, Routes.asked(request, CancelSource.HTTP_ENDPOINT));
        if (done.again()) {
            throw endedAlready("file " + id, "cancelled");
        }
        Routes.json(
                request,
                FileCancelAnswer.of(done.receipt(), Uploads.spec(before).originalFilename()));
    }

    private void cancelBatch(Context request) {
        BatchId id = Routes.reachedBatch(engine, request);
        Engine.BatchCancelled done = engine.cancelBatch(id, Routes.asked(request, CancelSource.BATCH_CANCEL));
        if (done.again()) {
            throw endedAlready("batch " + id, done.batch().state().word());
        }
        Routes.json(
                request,
                FileBatchCancelAnswer.of(
                        id, done.decided(), done.batch().counts().total(), done.receipts()));
    }

    private static ProblemException endedAlready(String what, String state) {
        return new ProblemException(
                new Problem(ErrorCode.NOT_CANCELLABLE, what + " is " + state + " already", Map.of("state", state)),
                null);
    }

    private void file(Context request) {
        Routes.json(request, documents.file(existing(request)));
    }

    private Job existing(Context request) {
        return Access.existing(Routes.core(request), uploads, request.pathParam("id"));
    }

    private void files(Context request) {
        Batch batch = Routes.existingBatch(engine, request);
        Routes.json(
                request,
                engine.jobs().jobsOf(batch.id()).stream()
                        .filter(job -> job.kind().equals(Uploads.KIND))
                        .map(documents::file)
                        .toList());
    }

    private void batch(Context request) {
        Batch batch = Routes.existingBatch(engine, request);
        Routes.json(
                request,
                BatchDocument.of(
                        batch,
                        engine.jobs().jobsOf(batch.id()).stream().map(Job::id).toList()));
    }
}
