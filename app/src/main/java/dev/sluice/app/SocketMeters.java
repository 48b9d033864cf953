package dev.sluice.app;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// What is counted and timed of WebSockets, each kind of them. Safe for use by many threads.
public final class SocketMeters {
    private static final Duration[] SEND_BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final Timer sends;
    private final Counter received;
    private final Counter errors;

    SocketMeters(MeterRegistry registry) {
        this.registry = registry;
        sends = Timer.builder("sluice_websocket_sends")
                .description("Messages sent by WebSockets, from when they were to be sent until they had left")
                .serviceLevelObjectives(SEND_BUCKETS)
                .register(registry);
        received = Counter.builder("sluice_websocket_received")
                .description("Messages that came by WebSockets")
                .register(registry);
        errors = Counter.builder("sluice_websocket_errors")
                .description("WebSockets that have failed")
                .register(registry);
    }

    /// A message has left.
    ///
    /// @param nanos since it was to be sent
    public void sent(long nanos) {
        sends.record(nanos, TimeUnit.NANOSECONDS);
    }

    /// A whole message has come.
    public void received() {
        received.increment();
    }

    /// A connection has failed, or we have.
    public void failed() {
        errors.increment();
    }

    /// A client was sent away for what it did, or for who it is.
    ///
    /// @param code that the socket was closed with
    public void refused(int code) {
        Counter.builder("sluice_websocket_refusals")
                .description("WebSockets closed since their clients may not have them, or have broken a limit")
                .tags("code", Integer.toString(code))
                .register(registry)
                .increment();
    }
}
