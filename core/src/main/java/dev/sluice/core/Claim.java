package dev.sluice.core;

import java.time.Duration;

/// How a client takes hold of its job.
///
/// @param patience how long the job waits once this client is gone
public record Claim(Duration patience) {}
