package dev.sluice.server;

import dev.sluice.accounts.Right;
import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.files.OnCancel;
import dev.sluice.files.Operations;
import dev.sluice.wire.BatchCancelDocument;
import dev.sluice.wire.CancelDocument;
import dev.sluice.wire.CommandCancelDocument;
import dev.sluice.wire.JobDocument;
import dev.sluice.wire.Json;
import dev.sluice.wire.MoveRequest;
import dev.sluice.wire.TextTables;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What the command line asks: a job or a batch by its id, answered as the command prints it.
final class CommandRoutes {
    private final Engine engine;
    private final Kinds kinds;
    private final Documents documents;
    private final StoppedOperations operations;

    CommandRoutes(Sluice sluice, Documents documents, Kinds kinds, DiskCalls disk) {
        this.engine = sluice.engine();
        this.kinds = kinds;
        this.documents = documents;
        this.operations = new StoppedOperations(sluice, disk);
    }

    void add(RoutesConfig routes) {
        routes.post("/api/v1/cli/cancel/{id}", request -> answer(request, () -> cancel(request)));
        routes.post(
                "/api/v1/cli/pause/{id}",
                request -> answer(
                        request, () -> act(request, "paused", engine::pause, JobState.PENDING, JobState.RUNNING)));
        routes.post(
                "/api/v1/cli/resume/{id}",
                request -> answer(request, () -> act(request, "resumed", engine::resume, JobState.PAUSED)));
        routes.post(
                "/api/v1/cli/retry/{id}",
                request -> answer(request, () -> act(request, "retrying", kinds::retry, JobState.FAILED)));
        routes.post("/api/v1/cli/move/{id}", request -> answer(request, () -> move(request)));
    }

    private static void answer(Context request, Runnable command) {
        try {
            command.run();
        } catch (ProblemException e) {
            Problem problem = e.problem();
            request.status(status(problem));
            if (Routes.wantsText(request)) {
                Routes.problem(request, problem, status(problem));
            } else {
                Routes.json(request, CommandCancelDocument.refused(problem));
            }
        }
    }

    /// 409 means to the command that the job has ended; whatever else is in the way of it is a refusal.
    private static int status(Problem problem) {
        return problem.code() == ErrorCode.CONFLICT ? 400 : problem.code().status();
    }

    private void cancel(Context request) {
        String id = request.pathParam("id");
        Optional<BatchId> batch = batch(request, id);
        Engine.Asked asked = Routes.asked(request, CancelSource.CLI);
        if (batch.isPresent()) {
            Engine.BatchCancelled done = engine.cancelBatch(batch.get(), asked);
            if (done.again()) {
                throw ended("batch " + id, done.batch().state().name());
            }
            if (done.batch().kind().equals(Operations.KIND)) {
                cancelled(request, operations.settled(done.receipts().getFirst()));
                return;
            }
            var document = BatchCancelDocument.of(batch.get(), done.alreadyEnded(), done.receipts());
            if (Routes.wantsText(request)) {
                Routes.text(request, TextTables.cancelled(document));
            } else {
                Routes.json(request, CommandCancelDocument.of(document));
            }
            return;
        }
        Engine.Cancelled done = engine.cancel(Routes.job(id), asked);
        if (done.again()) {
            throw ended("job " + id, JobState.CANCELLED.name());
        }
        if (done.job().kind().equals(Operations.KIND)) {
            cancelled(request, operations.settled(done.receipt()));
            return;
        }
        var document = CancelDocument.of(done.receipt());
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.cancelled(document));
        } else {
            Routes.json(request, CommandCancelDocument.of(document));
        }
    }

    /// A file operation, which is the one of its batch.
    private void cancelled(Context request, CancelReceipt receipt) {
        var document = CancelDocument.of(receipt);
        if (Routes.wantsText(request)) {
            boolean takesBack = Operations.spec(engine.job(receipt.id())).onCancel() == OnCancel.ROLLBACK;
            Routes.text(request, TextTables.cancelledOperation(document, takesBack));
        } else {
            Routes.json(request, CommandCancelDocument.ofOperation(request.pathParam("id"), document));
        }
    }

    private static ProblemException ended(String what, String state) {
        String word = state.toLowerCase(Locale.ROOT);
        return new ProblemException(
                ErrorCode.NOT_CANCELLABLE, what + " is " + word + " already", Map.of("state", word));
    }

    private void act(Context request, String done, BatchAct.Act act, JobState... states) {
        String id = request.pathParam("id");
        Optional<BatchId> batch = batch(request, id);
        int count = 0;
        if (batch.isPresent()) {
            count = BatchAct.on(engine, batch.get(), act, states).size();
        } else {
            JobDocument document = documents.job(act.on(Routes.job(id)));
            if (!Routes.wantsText(request)) {
                Routes.json(request, document);
                return;
            }
            count = 1;
        }
        String message = done + " " + id + (batch.isPresent() ? " (" + count + " jobs)" : "");
        if (Routes.wantsText(request)) {
            Routes.text(request, message);
        } else {
            request.contentType(Answers.JSON)
                    .result(Json.bytes(Map.of("success", true, "message", message, "batch_id", id, "jobs", count)));
        }
    }

    private void move(Context request) {
        JobId id = Routes.existingJob(engine, request).id();
        Access.require(Routes.core(request), Right.ADMIN);
        Job moved = engine.move(id, MoveRequest.parse(request.bodyAsBytes()).position());
        JobDocument document = documents.job(moved);
        if (Routes.wantsText(request)) {
            Routes.text(request, "moved " + moved.id() + " to position " + document.position());
        } else {
            Routes.json(request, document);
        }
    }

    /// The batch of that id, unless a job has it.
    private Optional<BatchId> batch(Context request, String id) {
        if (!Ids.isIdentifier(id)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no job or batch " + id);
        }
        if (Access.job(Routes.core(request), engine.jobs().find(new JobId(id))).isPresent()) {
            return Optional.empty();
        }
        if (Access.batch(Routes.core(request), engine.jobs().batch(new BatchId(id)))
                .isEmpty()) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no job or batch " + id);
        }
        return Optional.of(new BatchId(id));
    }
}
