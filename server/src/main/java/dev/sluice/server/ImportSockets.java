package dev.sluice.server;

import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.Owner;
import dev.sluice.wire.WebsocketStatusDocument;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.jetty.server.Request;

/// The sockets of those who watch imports, and how many each may have. Safe for use by many threads.
final class ImportSockets {
    private final OpenSockets all;
    private final Sluice sluice;
    private final LatestSockets latest;
    private final AwaitedBatches awaited;
    private final ImportStatuses statuses;
    private final Settings.Websocket settings;
    private final Set<ImportSocket> open = new HashSet<>();

    ImportSockets(
            OpenSockets all,
            Sluice sluice,
            LatestSockets latest,
            AwaitedBatches awaited,
            ImportStatuses statuses,
            Settings.Websocket settings) {
        this.all = all;
        this.sluice = sluice;
        this.latest = latest;
        this.awaited = awaited;
        this.statuses = statuses;
        this.settings = settings;
    }

    /// Whether there are any.
    boolean enabled() {
        return settings.enabled();
    }

    Socket open(Request request) {
        WatchRequest.boundSendBuffer(request);
        String path = request.getHttpURI().getDecodedPath();
        return new ImportSocket(all, latest, this, statuses, awaited, path.substring(path.lastIndexOf('/') + 1));
    }

    Sluice sluice() {
        return sluice;
    }

    /// What their clients may send. Jetty's own clock comes later than ours, which says why it ends a connection.
    ControlSocket.Limits limits() {
        return new ControlSocket.Limits(
                settings.messagesPerSecond(),
                settings.maxMessageSize().bytes(),
                settings.idleTimeout().multipliedBy(2).plus(settings.heartbeat()));
    }

    Duration idleTimeout() {
        return settings.idleTimeout();
    }

    int mostPerUser() {
        return settings.maxConnectionsPerUser();
    }

    /// Counts a socket that has been opened.
    ///
    /// @return false where its owner has as many as may be; those of whoever owns this machine are not limited
    synchronized boolean enter(ImportSocket socket) {
        Owner owner = socket.owner();
        long others = open.stream().filter(one -> one.owner().equals(owner)).count();
        if (!owner.equals(Owner.LOCAL) && others >= mostPerUser()) {
            return false;
        }
        open.add(socket);
        return true;
    }

    synchronized void leave(ImportSocket socket) {
        open.remove(socket);
    }

    /// @param named whether it is said who they are
    synchronized WebsocketStatusDocument.Stats stats(boolean named) {
        var batches = new HashSet<BatchId>();
        Map<String, Integer> users = new TreeMap<>();
        for (ImportSocket socket : open) {
            socket.batch().ifPresent(batches::add);
            users.merge(socket.owner().name(), 1, Integer::sum);
        }
        return new WebsocketStatusDocument.Stats(open.size(), batches.size(), named ? users : Map.of());
    }
}
