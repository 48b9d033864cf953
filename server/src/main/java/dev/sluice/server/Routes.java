package dev.sluice.server;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.Json;
import dev.sluice.wire.ProblemDocument;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// What all JSON routes share: reading a request, writing an answer.
final class Routes {
    private static final String ARRIVED = "sluice.arrived";
    private static final String FIRST_FRONT_END = "/api/v1/(upload|batch)/cancel/.*";
    private static final String SECOND_FRONT_END = "/api/v1/download/.*";

    private Routes() {}

    /// Notes when a request arrived: from here cancels are timed.
    static void arrived(Context request) {
        request.attribute(ARRIVED, System.nanoTime());
    }

    static Engine.Asked asked(Context request, CancelSource by) {
        Long arrived = request.attribute(ARRIVED);
        return new Engine.Asked(Access.source(core(request), by), arrived == null ? System.nanoTime() : arrived);
    }

    static JobId job(Context request) {
        return job(request.pathParam("id"));
    }

    static JobId job(String id) {
        if (!Ids.isIdentifier(id)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no job " + id);
        }
        return new JobId(id);
    }

    static BatchId batch(Context request) {
        return batch(request.pathParam("id"));
    }

    static BatchId batch(String id) {
        if (!Ids.isIdentifier(id)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no batch " + id);
        }
        return new BatchId(id);
    }

    static Request core(Context request) {
        return ServletContextRequest.getServletContextRequest(request.req());
    }

    /// Whose the things are that the caller makes.
    static Owner owner(Context request) {
        return Identity.of(core(request)).owner();
    }

    /// The job that a request's path names.
    ///
    /// @throws ProblemException `not_found`
    static Job existingJob(Engine engine, Context request) {
        return existing(engine, request, job(request));
    }

    static Job existing(Engine engine, Context request, JobId id) {
        return Access.job(core(request), engine.jobs().find(id))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no job " + id));
    }

    /// The id of that job, which whoever reaches all there is may act on without a look at it before.
    static JobId reached(Engine engine, Context request, JobId id) {
        return Access.reachesAll(core(request))
                ? id
                : existing(engine, request, id).id();
    }

    static JobId reachedJob(Engine engine, Context request) {
        return reached(engine, request, job(request));
    }

    /// The batch that a request's path names.
    ///
    /// @throws ProblemException `not_found`
    static Batch existingBatch(Engine engine, Context request) {
        return existing(engine, request, batch(request));
    }

    static Batch existing(Engine engine, Context request, BatchId id) {
        return Access.batch(core(request), engine.jobs().batch(id))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no batch " + id));
    }

    /// The id of that batch, which whoever reaches all there is may act on without a look at it before.
    static BatchId reachedBatch(Engine engine, Context request) {
        return Access.reachesAll(core(request))
                ? batch(request)
                : existingBatch(engine, request).id();
    }

    static @Nullable String idempotencyKey(Context request) {
        String key = request.header("Idempotency-Key");
        if (key != null && (key.isBlank() || key.length() > 200)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "an Idempotency-Key has 1 to 200 characters",
                    Map.of("field", "Idempotency-Key"));
        }
        return key;
    }

    /// Whether the client wants text to read rather than JSON.
    static boolean wantsText(Context request) {
        String accept = request.header("Accept");
        return accept != null && accept.startsWith("text/plain");
    }

    static void json(Context request, Object document) {
        request.contentType(Answers.JSON).result(Json.bytes(document));
    }

    static void text(Context request, String text) {
        request.contentType("text/plain; charset=utf-8").result(text.endsWith("\n") ? text : text + "\n");
    }

    static void failed(Exception failure, Context request) {
        problem(request, Answers.of(failure));
    }

    /// Says in our words what the router refuses.
    static void refused(HttpResponseException refusal, Context request) {
        int status = refusal.getStatus();
        Problem problem = switch (status) {
            case 404 -> new Problem(ErrorCode.NOT_FOUND, "there is nothing at " + request.path());
            case 405 ->
                new Problem(
                        ErrorCode.INVALID_REQUEST, request.method() + " is not for " + request.path() + "; see /docs");
            case 413 -> new Problem(ErrorCode.TOO_LARGE, "the body is too large for " + request.path());
            default -> new Problem(ErrorCode.INVALID_REQUEST, String.valueOf(refusal.getMessage()));
        };
        problem(request, problem, status);
    }

    /// The cancels of §1 have numbers of their own.
    private static int firstFrontEndStatus(Problem problem) {
        return switch (problem.code()) {
            case NOT_CANCELLABLE -> 400;
            case STATE_UNAVAILABLE -> 500;
            default -> problem.code().status();
        };
    }

    static void problem(Context request, Problem problem) {
        problem(request, problem, status(request.path(), problem));
    }

    private static int status(String path, Problem problem) {
        if (path.matches(FIRST_FRONT_END)) {
            return firstFrontEndStatus(problem);
        }
        boolean ended = problem.code() == ErrorCode.NOT_CANCELLABLE && path.matches(SECOND_FRONT_END);
        return ended ? 400 : problem.code().status();
    }

    static void problem(Context request, Problem problem, int status) {
        AccessLog.answeredWith(core(request), problem);
        if (problem.details().get(Problem.RETRY_AFTER) instanceof Number seconds) {
            request.header("Retry-After", seconds.toString());
        }
        if (problem.code() == ErrorCode.STATE_UNAVAILABLE) {
            request.header("Retry-After", "1");
        }
        request.status(status)
                .contentType(ProblemDocument.MEDIA_TYPE)
                .result(Json.bytes(ProblemDocument.of(problem, status)));
    }
}
