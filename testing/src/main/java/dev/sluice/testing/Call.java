package dev.sluice.testing;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/// One request as a [FaultyProxy] has seen it, up to now.
///
/// @param number counted from 1 in the order of their heads
/// @param connection counted from 1
/// @param headers by name, in any case
/// @param firstByte when the first byte of the head was read
/// @param lastByte when the last byte so far was read
/// @param bodyBytes those that have come from the client; of a chunked body with the lines between the chunks
/// @param status what the client was answered, or would have been but for [Ending#ANSWER_LOST]
/// @param ended when it was over, for whatever reason
public record Call(
        int number,
        int connection,
        String method,
        String target,
        Map<String, String> headers,
        Instant firstByte,
        Instant lastByte,
        long bodyBytes,
        OptionalInt status,
        Ending ending,
        Optional<Instant> ended) {
    /// How a request ended.
    public enum Ending {
        NOT_YET,
        ANSWERED,
        /// By the proxy, in the service's place.
        ANSWERED_BY_FAULT,
        ANSWER_LOST,
        DROPPED,
        CLIENT_LEFT,
        SERVICE_LEFT
    }

    /// Requests with this method and with this text in their target; an empty one is in all.
    public static Predicate<Call> matching(String method, String inTarget) {
        return call -> call.method.equals(method) && call.target.contains(inTarget);
    }

    public static Predicate<Call> any() {
        return call -> true;
    }

    /// How many bytes of the body have come since `before` was seen.
    public long bodyBytesSince(List<Call> before) {
        return bodyBytes
                - before.stream()
                        .filter(call -> call.number == number)
                        .mapToLong(Call::bodyBytes)
                        .sum();
    }

    public boolean over() {
        return ending != Ending.NOT_YET;
    }
}
