package dev.sluice.realtime;

import java.time.Duration;

/// The hub's limits.
///
/// @param outbox bytes of transitions that may wait for one watcher
/// @param writeTimeout how long one send may take
/// @param heartbeat after how long without a message a watcher is pinged
/// @param snapshotPart bytes of one part of a snapshot; a single job's document may be longer
/// @param recent how long ended jobs are part of a snapshot
/// @param jobsPerWatcher jobs that one watcher may name
/// @param drainBatch watchers sent away at once when the node drains
/// @param drainPause between two such batches
public record HubSettings(
        int outbox,
        Duration writeTimeout,
        Duration heartbeat,
        int snapshotPart,
        Duration recent,
        int jobsPerWatcher,
        int drainBatch,
        Duration drainPause) {

    public static final HubSettings DEFAULT = new HubSettings(
            1 << 20,
            Duration.ofSeconds(30),
            Duration.ofSeconds(25),
            256 << 10,
            Duration.ofMinutes(10),
            1000,
            500,
            Duration.ofMillis(100));

    public HubSettings {
        if (outbox < 1 || snapshotPart < 1024 || jobsPerWatcher < 1 || drainBatch < 1) {
            throw new IllegalArgumentException("a limit of the hub is too small");
        }
    }
}
