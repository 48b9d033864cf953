package dev.sluice.download;

import java.time.Duration;

/// How long servers are waited for.
///
/// @param connect until a connection stands
/// @param silence without a byte, until a connection counts as broken
/// @param slow over which a connection must carry `leastRate`
/// @param leastRate in bytes a second
/// @param failures in a row, without a byte in between, until an attempt has failed
/// @param firstWait before a connection is tried again; it doubles each time
record Patience(Duration connect, Duration silence, Duration slow, long leastRate, int failures, Duration firstWait) {
    static final Patience STANDARD = new Patience(
            Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(60), 1024, 5, Duration.ofMillis(250));
}
