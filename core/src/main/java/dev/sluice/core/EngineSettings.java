package dev.sluice.core;

import java.time.Duration;

/// The engine's intervals and bounds.
///
/// @param folder the data folder whose lock this node holds, as an absolute path
/// @param tick between two samples of running jobs
/// @param leaseRenewal between two renewals of the node's lease
/// @param lease how long the node may go on without one
/// @param attempts how often a job is tried before a retryable problem fails it
/// @param firstBackOff the ceiling of the first wait between attempts; it doubles each time
/// @param lastBackOff the ceiling of all of them
/// @param handOver how long a new client waits for the one before it to let go
/// @param pause how long a paused job waits to be resumed
public record EngineSettings(
        String folder,
        Duration tick,
        Duration leaseRenewal,
        Duration lease,
        int attempts,
        Duration firstBackOff,
        Duration lastBackOff,
        Duration handOver,
        Duration pause) {

    public static EngineSettings defaults(String folder, Duration pause) {
        return new EngineSettings(
                folder,
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                5,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                pause);
    }
}
