package dev.sluice.server;

import dev.sluice.accounts.Right;
import dev.sluice.app.Sluice;
import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobQuery;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.BatchCancelDocument;
import dev.sluice.wire.BatchDocument;
import dev.sluice.wire.BatchHistoryDocument;
import dev.sluice.wire.BatchListDocument;
import dev.sluice.wire.CancelDocument;
import dev.sluice.wire.EventListDocument;
import dev.sluice.wire.HistoryDocument;
import dev.sluice.wire.JobDocument;
import dev.sluice.wire.JobListDocument;
import dev.sluice.wire.MoveRequest;
import dev.sluice.wire.TextTables;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The general API's routes for jobs and batches: wire contract §5.
final class JobRoutes {
    private static final int MOST = 1000;
    private static final int EVENTS = 1000;

    private final Sluice sluice;
    private final Engine engine;
    private final Documents documents;
    private final Kinds kinds;

    JobRoutes(Sluice sluice, Documents documents, Kinds kinds) {
        this.sluice = sluice;
        this.engine = sluice.engine();
        this.documents = documents;
        this.kinds = kinds;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/jobs", this::list);
        routes.get("/api/v1/jobs/{id}", this::one);
        routes.delete("/api/v1/jobs/{id}", this::remove);
        routes.get("/api/v1/jobs/{id}/history", this::history);
        routes.get("/api/v1/jobs/{id}/events", this::events);
        routes.post("/api/v1/jobs/{id}/cancel", this::cancel);
        routes.post(
                "/api/v1/jobs/{id}/pause", request -> job(request, engine.pause(Routes.reachedJob(engine, request))));
        routes.post(
                "/api/v1/jobs/{id}/resume", request -> job(request, engine.resume(Routes.reachedJob(engine, request))));
        routes.post(
                "/api/v1/jobs/{id}/retry", request -> job(request, kinds.retry(Routes.reachedJob(engine, request))));
        routes.post("/api/v1/jobs/{id}/move", this::move);
        routes.get("/api/v1/batches", this::batches);
        routes.delete("/api/v1/batches/{id}", this::removeBatch);
        routes.get("/api/v1/batches/{id}/history", this::historyOfBatch);
        routes.get("/api/v1/batches/{id}/events", this::eventsOfBatch);
        routes.post("/api/v1/batches/{id}/cancel", this::cancelBatch);
        routes.post(
                "/api/v1/batches/{id}/pause",
                request -> each(request, engine::pause, JobState.PENDING, JobState.RUNNING));
        routes.post("/api/v1/batches/{id}/resume", request -> each(request, engine::resume, JobState.PAUSED));
        routes.post("/api/v1/batches/{id}/retry", request -> each(request, kinds::retry, JobState.FAILED));
    }

    private void list(Context request) {
        String kind = word(request, "kind");
        String state = word(request, "state");
        String batch = word(request, "batch");
        String owner = word(request, "owner");
        var query = new JobQuery(
                kind == null ? null : new Kind(kind),
                state == null ? null : state(state),
                batch == null ? null : new BatchId(batch),
                Access.listed(Routes.core(request), owner == null ? null : new Owner(owner)),
                request.queryParam("q"),
                limit(request),
                request.queryParam("after"));
        JobStore.Page page = sluice.jobs().list(query);
        List<JobDocument> jobs = documents.jobs(page.jobs());
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.jobs(jobs));
        } else {
            Routes.json(request, new JobListDocument(jobs, page.next()));
        }
    }

    private void batches(Context request) {
        JobStore.BatchPage page = sluice.jobs()
                .batches(Access.listed(Routes.core(request), null), limit(request), request.queryParam("after"));
        Routes.json(
                request,
                new BatchListDocument(
                        page.batches().stream()
                                .map(batch -> BatchDocument.of(
                                        batch,
                                        sluice.jobs().jobsOf(batch.id()).stream()
                                                .map(Job::id)
                                                .toList()))
                                .toList(),
                        page.next()));
    }

    private static @Nullable String word(Context request, String name) {
        String value = request.queryParam(name);
        if (value == null || value.isEmpty()) {
            return null;
        }
        if (!Ids.isIdentifier(value)) {
            throw invalid(name, "\"" + value + "\" is no " + name);
        }
        return value;
    }

    private static JobState state(String word) {
        try {
            return JobState.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw invalid("state", "a state is pending, running, paused, completed, failed or cancelled, not " + word);
        }
    }

    private static int limit(Context request) {
        String limit = request.queryParam("limit");
        if (limit == null) {
            return JobQuery.ALL.limit();
        }
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > MOST) {
            throw invalid("limit", "a limit is a number from 1 to " + MOST + ", not " + limit);
        }
        return Integer.parseInt(limit);
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }

    private void one(Context request) {
        job(request, Routes.existingJob(engine, request));
    }

    private void job(Context request, Job job) {
        JobDocument document = documents.job(job);
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.job(document));
        } else {
            Routes.json(request, document);
        }
    }

    private void remove(Context request) {
        Job job = Routes.existingJob(engine, request);
        if (!job.state().ended()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "job " + job.id() + " has not ended; cancel it first",
                    Map.of("state", job.state().word()));
        }
        engine.remove(job.id(), leftover(request, job));
        request.status(204);
    }

    private JobStore.@Nullable Leftover leftover(Context request, Job job) {
        return kinds.leftover(job, "true".equals(request.queryParam("content")));
    }

    /// The queue is everybody's, and so is its order.
    private void move(Context request) {
        JobId id = Routes.existingJob(engine, request).id();
        Access.require(Routes.core(request), Right.ADMIN);
        job(request, engine.move(id, MoveRequest.parse(request.bodyAsBytes()).position()));
    }

    /// One job after the other, then the batch: where it is cut short, the same request goes on with it.
    private void removeBatch(Context request) {
        Batch batch = Routes.existingBatch(engine, request);
        if (!batch.sealed() || batch.counts().ended() < batch.counts().total()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "batch " + batch.id() + " has not ended; cancel it first",
                    Map.of("state", batch.state().word()));
        }
        for (Job job : sluice.jobs().jobsOf(batch.id())) {
            engine.remove(job.id(), leftover(request, job));
        }
        engine.removeBatch(batch.id());
        request.status(204);
    }

    private void history(Context request) {
        JobId id = Routes.existingJob(engine, request).id();
        Routes.json(request, HistoryDocument.of(id, engine.history(id)));
    }

    private void events(Context request) {
        JobId id = Routes.existingJob(engine, request).id();
        var events = sluice.events();
        Routes.json(
                request,
                EventListDocument.of(
                        events.epoch(), events.read(after(request), events.position(), id, EVENTS), EVENTS));
    }

    private void eventsOfBatch(Context request) {
        BatchId id = Routes.existingBatch(engine, request).id();
        var events = sluice.events();
        Routes.json(
                request,
                EventListDocument.of(
                        events.epoch(), events.ofBatch(after(request), events.position(), id, EVENTS), EVENTS));
    }

    private void historyOfBatch(Context request) {
        BatchId id = Routes.existingBatch(engine, request).id();
        List<Job> jobs = sluice.jobs().jobsOf(id);
        int from = Math.toIntExact(Math.min(after(request), jobs.size()));
        int to = Math.min(jobs.size(), from + limit(request));
        Routes.json(
                request,
                BatchHistoryDocument.of(
                        id,
                        jobs.subList(from, to).stream()
                                .map(job -> HistoryDocument.of(job.id(), engine.history(job.id())))
                                .toList(),
                        to < jobs.size() ? Integer.toString(to) : null));
    }

    private static long after(Context request) {
        String after = request.queryParam("after");
        if (after != null && !after.matches("\\d{1,18}")) {
            throw invalid("after", "after is the next of the page before, not " + after);
        }
        return after == null ? 0 : Long.parseLong(after);
    }

    private void cancel(Context request) {
        JobId id = Routes.reachedJob(engine, request);
        Engine.Cancelled done = engine.cancel(id, Routes.asked(request, CancelSource.HTTP_ENDPOINT));
        Routes.json(request, CancelDocument.of(done.receipt()));
    }

    private void cancelBatch(Context request) {
        BatchId id = Routes.reachedBatch(engine, request);
        Engine.BatchCancelled done = engine.cancelBatch(id, Routes.asked(request, CancelSource.BATCH_CANCEL));
        if (!done.receipts().isEmpty()) {
            Routes.json(request, BatchCancelDocument.of(id, done.alreadyEnded(), done.receipts()));
        } else if (done.batch().cancelledAt() != null) {
            List<CancelReceipt> first = engine.receipts(id);
            Routes.json(request, BatchCancelDocument.of(id, done.alreadyEnded() - first.size(), first));
        } else {
            String state = done.batch().state().word();
            throw new ProblemException(
                    ErrorCode.NOT_CANCELLABLE, "batch " + id + " is " + state + " already", Map.of("state", state));
        }
    }

    private void each(Context request, BatchAct.Act act, JobState... states) {
        Batch batch = Routes.existingBatch(engine, request);
        Routes.json(request, new JobListDocument(documents.jobs(BatchAct.on(engine, batch.id(), act, states)), null));
    }
}
