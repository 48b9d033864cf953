package dev.sluice.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a user is told of the ends of jobs.
///
/// @param reason why it is not enabled; absent while it is
/// @param secret shown once, to whoever has made it
public record WebhookDocument(
        String id,
        String owner,
        String url,
        List<String> kinds,
        List<String> outcomes,
        boolean enabled,
        @Nullable String reason,
        Instant created,
        @Nullable String secret) {
    public WebhookDocument {
        kinds = List.copyOf(kinds);
        outcomes = List.copyOf(outcomes);
    }
}
