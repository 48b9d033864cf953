package dev.sluice.server;

import dev.sluice.app.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The clock of all [LatestSocket]s, and how they end with the node. Safe for use by many threads.
final class LatestSockets implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LatestSockets.class);

    private final Settings.Websocket settings;
    private final Map<LatestSocket, ScheduledFuture<?>> hearts = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("latest-sockets").factory());
    private volatile boolean draining;

    LatestSockets(Settings.Websocket settings) {
        this.settings = settings;
    }

    ControlSocket.Limits limits() {
        return new ControlSocket.Limits(
                settings.control().messagesPerSecond(),
                settings.control().maxMessageSize().bytes(),
                settings.heartbeat().multipliedBy(3));
    }

    void opened(LatestSocket socket) {
        Duration heartbeat = settings.heartbeat();
        try {
            hearts.put(
                    socket,
                    clock.scheduleWithFixedDelay(
                            () -> socket.beat(settings.writeTimeout()),
                            heartbeat.toMillis(),
                            heartbeat.toMillis(),
                            TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException e) {
            log.debug("a socket was opened while this node goes down");
        }
        if (draining) {
            socket.drain();
        }
    }

    void closed(LatestSocket socket) {
        ScheduledFuture<?> heart = hearts.remove(socket);
        if (heart != null) {
            heart.cancel(false);
        }
    }

    void later(long nanos, Runnable then) {
        try {
            var unused = clock.schedule(then, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("closed while a socket waited");
        }
    }

    /// Tells all the last word and sends them away.
    void drain() {
        draining = true;
        hearts.keySet().forEach(LatestSocket::drain);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
