package dev.sluice.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How somebody takes hold of a job.
///
/// @param patience how long the job waits once this client is gone; null where the server itself works on it:
///     then it waits for a place, for as long as that takes
public record Claim(@Nullable Duration patience) {
    static final Claim OF_RUNNER = new Claim(null);
}
