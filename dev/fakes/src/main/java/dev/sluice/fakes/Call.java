package dev.sluice.fakes;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One request that a fake was sent, as it was when it was asked for.
///
/// @param path with its query
/// @param status 0 where no answer was given, or none yet
/// @param received bytes of the body that were read
/// @param repeated of these, how many the session had already
/// @param range the `Content-Range`, or the `Range` of a read
/// @param account the email of whose token it carried
/// @param faults what was done to it on purpose
/// @param at when its head had come
/// @param lastByteAt when the last bytes of its body had come
/// @param endedAt when the fake was done with it
public record Call(
        long number,
        Step step,
        String method,
        String path,
        int status,
        long received,
        long repeated,
        @Nullable String range,
        @Nullable String account,
        List<String> faults,
        Instant at,
        @Nullable Instant lastByteAt,
        @Nullable Instant endedAt) {}
