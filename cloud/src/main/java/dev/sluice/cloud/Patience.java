package dev.sluice.cloud;

import java.time.Duration;

/// How long providers are waited for.
///
/// @param connect for a connection
/// @param silence how long a connection may carry no byte in either direction during an exchange
/// @param backOff how often a thing is tried, and after which waits
public record Patience(Duration connect, Duration silence, BackOff backOff) {
    /// Of a server, which has all the time that its uploads have.
    public static final Patience STANDARD =
            new Patience(Duration.ofSeconds(10), Duration.ofSeconds(60), BackOff.STANDARD);
    /// Of somebody who waits for a word at the terminal: two tries, a few seconds.
    public static final Patience SHORT = new Patience(
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            new BackOff(Duration.ofMillis(200), Duration.ofSeconds(1), 2));
}
