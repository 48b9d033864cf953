package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.wire.Json;
import dev.sluice.wire.ProblemDocument;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whole answers of the routes that move bytes.
final class Answers {
    private static final Logger log = LoggerFactory.getLogger(Answers.class);
    static final String JSON = "application/json";

    private Answers() {}

    static void json(Response response, Callback callback, int status, Object document) {
        send(response, callback, status, JSON, Json.bytes(document));
    }

    static void problem(Response response, Callback callback, Problem problem) {
        problem(response, callback, problem, problem.code().status());
    }

    static void problem(Response response, Callback callback, Problem problem, int status) {
        AccessLog.answeredWith(response.getRequest(), problem);
        if (problem.code() == ErrorCode.STATE_UNAVAILABLE || problem.code() == ErrorCode.OUT_OF_SLOTS) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
        }
        if (problem.details().get(Problem.RETRY_AFTER) instanceof Number seconds) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds.longValue());
        }
        send(response, callback, status, ProblemDocument.MEDIA_TYPE, Json.bytes(ProblemDocument.of(problem, status)));
    }

    /// Answers a request whose body has not been read to its end: the connection closes after it.
    ///
    /// @param discard reads on what still comes, then completes the callback
    static void problemAndClose(Response response, Callback callback, Problem problem, Consumer<Callback> discard) {
        problemAndClose(response, callback, problem, problem.code().status(), discard);
    }

    static void problemAndClose(
            Response response, Callback callback, Problem problem, int status, Consumer<Callback> discard) {
        if (response.getRequest().getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2) {
            // The stream is reset behind the answer, which by then has been sent; the connection stays for others.
            problem(response, callback, problem, status);
            return;
        }
        response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
        problem(response, Callback.from(() -> discard.accept(callback), callback::failed), problem, status);
    }

    /// What a request is told whose job was stopped under it.
    static Problem stopped(StopReason why) {
        return switch (why) {
            case CANCELLED -> new Problem(ErrorCode.CONFLICT, "the upload was cancelled", Map.of("state", "cancelled"));
            case PAUSED -> new Problem(ErrorCode.CONFLICT, "the upload was paused", Map.of("state", "paused"));
            case DRAINING ->
                new Problem(ErrorCode.STATE_UNAVAILABLE, "this server is going down; go on once it is back");
            case FENCED -> new Problem(ErrorCode.CONFLICT, "a newer connection sends this file: superseded");
        };
    }

    /// The problem in whatever a handler threw.
    static Problem of(Throwable failure) {
        if (failure instanceof ProblemException e) {
            return e.problem();
        }
        if (failure instanceof EofException) {
            return new Problem(ErrorCode.INVALID_REQUEST, "the connection ended before the body did");
        }
        log.error("a request failed", failure);
        return new Problem(ErrorCode.INTERNAL, "something broke here; the log of the server says what");
    }

    static void send(Response response, Callback callback, int status, String type, byte[] body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
