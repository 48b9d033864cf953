package dev.sluice.google;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Why an account is passed over.
///
/// @param until null where it has been revoked: until it is connected anew
/// @param reason in the provider's words
record Aside(Instant since, @Nullable Instant until, String reason) {
    boolean isOver(Instant now) {
        return until != null && !now.isBefore(until);
    }

    boolean revoked() {
        return until == null;
    }
}
