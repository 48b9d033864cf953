package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Right;
import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.Position;
import dev.sluice.realtime.Sight;
import dev.sluice.realtime.Watcher;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a request for live events asks for, by WebSocket or Server-Sent Events. Wire contract §5.
///
/// @param since up to where the client has everything; null where it begins
/// @param named jobs that it wants to see; none for all
record WatchRequest(@Nullable Position since, Set<JobId> named) {
    private static final Logger log = LoggerFactory.getLogger(WatchRequest.class);

    /// What the kernel holds for a watcher that does not read; it doubles the figure for its own needs. Left to
    /// itself it would take several megabytes, which no outbox counts.
    private static final int SEND_BUFFER = 128 << 10;

    static WatchRequest of(Request request) {
        boundSendBuffer(request);
        Fields query = Request.extractQueryParameters(request);
        String last = request.getHeaders().get("Last-Event-ID");
        return new WatchRequest(position(last != null ? last : query.getValue("since")), jobs(query.getValue("jobs")));
    }

    Watcher join(Hub hub, Connection connection, Caller caller) {
        Sight sight = caller.may(Right.ADMIN) ? Sight.ALL : Sight.of(caller.owner());
        return hub.join(connection, sight, since, named);
    }

    static void boundSendBuffer(Request request) {
        Object transport = request.getConnectionMetaData().getConnection().getEndPoint();
        while (transport instanceof EndPoint endPoint) {
            // Under TLS one end point lies on another.
            transport = endPoint.getTransport();
        }
        if (transport instanceof SocketChannel channel) {
            try {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
            } catch (IOException e) {
                log.debug("the connection is gone already", e);
            }
        }
    }

    /// A word that is no position cannot be served, which the hub then says.
    private static @Nullable Position position(@Nullable String word) {
        if (word == null || word.isBlank()) {
            return null;
        }
        return Position.parse(word.strip()).orElse(new Position("?", 0));
    }

    private static Set<JobId> jobs(@Nullable String list) {
        if (list == null || list.isBlank()) {
            return Set.of();
        }
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(Ids::isIdentifier)
                .map(JobId::new)
                .collect(Collectors.toSet());
    }
}
