package dev.sluice.google;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cloud.Answer;
import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Outgoing;
import dev.sluice.cloud.Transport;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.RetryAfter;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Calls to one of Google's services, each with its account's token. Safe for use by many threads.
final class Calls {
    private final String lane;
    private final String where;
    private final Transport transport;
    private final BackOff backOff;

    /// One call.
    ///
    /// @param body what is sent, as [Outgoing#body]
    record Request(String method, URI uri, Map<String, String> headers, List<ByteBuffer> body) {
        static Request get(URI uri) {
            return new Request("GET", uri, Map.of(), List.of());
        }

        static Request json(String method, URI uri, ObjectNode body) {
            return new Request(
                    method,
                    uri,
                    Map.of("Content-Type", "application/json; charset=UTF-8"),
                    List.of(ByteBuffer.wrap(body.toString().getBytes(StandardCharsets.UTF_8))));
        }
    }

    /// @param lane of the storage
    /// @param where the storage, for people
    Calls(String lane, String where, Transport transport, BackOff backOff) {
        this.lane = lane;
        this.where = where;
        this.transport = transport;
        this.backOff = backOff;
    }

    BackOff backOff() {
        return backOff;
    }

    String where() {
        return where;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /// One try. A token that is refused is replaced once.
    ///
    /// @param by null where the address is secret enough
    /// @return an answer of 2xx or 308
    /// @throws Failed where it did not go through
    Reply once(Request request, @Nullable Account by, StopToken stop) {
        try {
            return Reply.of(open(request, by, stop));
        } catch (IOException e) {
            stop.check();
            throw Faults.unanswered(e);
        }
    }

    /// As [#once], and the body is read as it comes.
    Answer open(Request request, @Nullable Account by, StopToken stop) {
        for (int asked = 1; ; asked++) {
            String token = by == null ? null : token(by, stop);
            try {
                Answer answer = transport.send(outgoing(request, token), stop);
                if (answer.status() / 100 == 2 || answer.status() == 308) {
                    return answer;
                }
                Reply reply = Reply.of(answer);
                if (reply.status() == 401 && by != null && token != null) {
                    by.refused(token);
                    if (asked == 1) {
                        continue;
                    }
                }
                throw Faults.answered(reply.status(), after(reply), reply.body());
            } catch (IOException e) {
                stop.check();
                throw Faults.unanswered(e);
            }
        }
    }

    private static String token(Account by, StopToken stop) {
        try {
            return by.token(stop);
        } catch (ProblemException e) {
            if (e.code() == ErrorCode.UPSTREAM_REFUSED) {
                throw Faults.withoutToken(e);
            }
            throw e;
        }
    }

    private Outgoing outgoing(Request request, @Nullable String token) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Host", List.of(request.uri().getRawAuthority()));
        headers.put("User-Agent", List.of("Sluice"));
        request.headers().forEach((name, value) -> headers.put(name, List.of(value)));
        if (token != null) {
            headers.put("Authorization", List.of("Bearer " + token));
        }
        return new Outgoing(lane, request.method(), request.uri(), headers, request.body());
    }

    private static @Nullable Duration after(Reply reply) {
        return RetryAfter.of(reply.header("Retry-After").orElse(null), Instant.now());
    }

    /// Tries until it goes through or cannot: for what does no harm when it is done twice.
    ///
    /// @throws Failed where trying again does not help
    <T> T again(StopToken stop, Supplier<T> call) {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (Failed e) {
                settleFor(e, attempt, stop);
            }
        }
    }

    /// Waits before the next try.
    ///
    /// @throws Failed where there is to be none
    void settleFor(Failed failed, int attempt, StopToken stop) {
        if (attempt >= backOff.tries() || !failed.fault().passing()) {
            throw failed;
        }
        backOff.await(attempt, failed.fault().after(), stop);
    }

    Reply reply(Request request, Account by, StopToken stop) {
        return again(stop, () -> once(request, by, stop));
    }

    JsonNode json(Request request, Account by, StopToken stop) {
        return again(stop, () -> {
            try {
                return once(request, by, stop).json();
            } catch (IOException e) {
                throw Faults.unanswered(e);
            }
        });
    }

    /// What is to be told of a failure.
    ///
    /// @param doing what failed: `look for a.bin`
    ProblemException problem(String doing, Failed failed) {
        return Faults.problem(doing, where, failed);
    }

    /// Does something, and tells in people's words where it fails.
    <T> T told(String doing, Supplier<T> what) {
        try {
            return what.get();
        } catch (Failed e) {
            throw problem(doing, e);
        }
    }
}
