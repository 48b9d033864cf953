package dev.sluice.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One request as it stands in the access and the audit log. The query is left out: it carries handles and
/// tokens.
///
/// @param at when it was answered
/// @param from the peer's address, or `command line`
/// @param code of the problem that it was answered with
/// @param received bytes of its body
/// @param sent bytes of the answer's body
/// @param millis from its arrival to its answer's end
public record RequestLine(
        Instant at,
        String user,
        String from,
        String method,
        String path,
        int status,
        @Nullable String code,
        long received,
        long sent,
        double millis) {}
