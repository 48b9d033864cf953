package dev.sluice.server;

import dev.sluice.app.Settings;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of those who are limited: how many each has, and whether what it asks for comes at all. Safe for use
/// by many threads.
final class Connections {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    /// So many beyond the limit are told so; more are closed at once, which costs nothing.
    private static final int TOLD = 16;

    private final Clients clients;
    private final TrustedProxies proxies;
    private final int most;
    private final long headerNanos;
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<EndPoint, Connected> open = new ConcurrentHashMap<>();

    Connections(Clients clients, TrustedProxies proxies, Settings.Limits limits) {
        this.clients = clients;
        this.proxies = proxies;
        this.most = limits.connectionsPerAddress();
        this.headerNanos = limits.headerTimeout().toNanos();
    }

    /// A connection, and how far it is with asking.
    static final class Connected {
        private final String client;
        private final EndPoint endPoint;
        private final boolean tooMany;
        private int asking;
        private long bytesAtRest;
        /// Since when the header of a request has been on its way; 0: none is.
        private long since = System.nanoTime();

        Connected(String client, EndPoint endPoint, boolean tooMany) {
            this.client = client;
            this.endPoint = endPoint;
            this.tooMany = tooMany;
        }

        /// Whether its client had too many before.
        boolean tooMany() {
            return tooMany;
        }

        synchronized void begins() {
            asking++;
        }

        synchronized void ends() {
            asking--;
            bytesAtRest = endPoint.getConnection().getBytesIn();
            since = 0;
        }

        private synchronized boolean late(long now, long headerNanos) {
            Connection spoken = endPoint.getConnection();
            if (spoken instanceof SslConnection secured
                    && secured.getSslEndPoint().getConnection() != null) {
                spoken = secured.getSslEndPoint().getConnection();
            }
            if (asking > 0 || spoken instanceof WebSocketConnection) {
                return false;
            }
            if (since == 0
                    && !(spoken instanceof HTTP2Connection)
                    && endPoint.getConnection().getBytesIn() > bytesAtRest) {
                since = now;
            }
            return since != 0 && now - since > headerNanos;
        }
    }

    int most() {
        return most;
    }

    void opened(EndPoint endPoint) {
        String client = proxies.trusts(endPoint.getRemoteSocketAddress())
                ? null
                : clients.counted(endPoint.getRemoteSocketAddress()).orElse(null);
        if (client == null) {
            return;
        }
        int now;
        synchronized (counts) {
            now = counts.merge(client, 1, Integer::sum);
        }
        open.put(endPoint, new Connected(client, endPoint, now > most));
        if (now > most + TOLD) {
            endPoint.close();
        }
    }

    void closed(EndPoint endPoint) {
        Connected gone = open.remove(endPoint);
        if (gone != null) {
            synchronized (counts) {
                counts.computeIfPresent(gone.client, (client, count) -> count > 1 ? count - 1 : null);
            }
        }
    }

    /// What is known of a request's connection; null where its client is not limited.
    @Nullable
    Connected of(Request request) {
        return open.get(lowest(request));
    }

    private static EndPoint lowest(Request request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        // Under TLS one end point lies on another.
        while (endPoint.getTransport() instanceof EndPoint below) {
            endPoint = below;
        }
        return endPoint;
    }

    /// The end of a request's connection, where it comes to it, is a reset: what the system still holds for a client
    /// that takes nothing is dropped.
    static void endByReset(Request request) {
        boolean shared = request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2;
        if (!shared
                && lowest(request).getTransport() instanceof NetworkChannel channel
                && channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                log.debug("a connection cannot be reset", e);
            }
        }
    }

    /// Closes those that ask for nothing, or take too long to say what.
    void closeTheLate() {
        long now = System.nanoTime();
        for (Connected connected : open.values()) {
            if (connected.late(now, headerNanos)) {
                log.debug("the header of a request did not come in time (limits.header-timeout)");
                connected.endPoint.close();
            }
        }
    }
}
