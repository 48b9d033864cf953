package dev.sluice.server;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.Json;
import dev.sluice.wire.ProblemDocument;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
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
        return new Engine.Asked(by, arrived == null ? System.nanoTime() : arrived);
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

    static Batch existing(Engine engine, BatchId id) {
        return engine.jobs()
                .batch(id)
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no batch " + id));
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
        AccessLog.answeredWith(ServletContextRequest.getServletContextRequest(request.req()), problem);
        if (problem.code() == ErrorCode.STATE_UNAVAILABLE) {
            request.header("Retry-After", "1");
        }
        request.status(status)
                .contentType(ProblemDocument.MEDIA_TYPE)
                .result(Json.bytes(ProblemDocument.of(problem, status)));
    }
}
