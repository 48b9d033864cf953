package dev.sluice.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// How many connections that watch each client has. Safe for use by many threads.
final class Seats {
    private final Clients clients;
    private final int most;
    private final Map<String, Integer> taken = new HashMap<>();

    Seats(Clients clients, int most) {
        this.clients = clients;
        this.most = most;
    }

    /// One client's seat, which is to be taken, and left once.
    final class Seat {
        private final @Nullable String client;
        private boolean sitting;

        private Seat(Optional<String> client) {
            this.client = client.orElse(null);
        }

        /// @return false where the client has as many as may be
        boolean take() {
            synchronized (taken) {
                if (client == null) {
                    return true;
                }
                if (taken.getOrDefault(client, 0) >= most) {
                    return false;
                }
                taken.merge(client, 1, Integer::sum);
                sitting = true;
                return true;
            }
        }

        void leave() {
            synchronized (taken) {
                if (sitting && client != null) {
                    sitting = false;
                    taken.computeIfPresent(client, (known, count) -> count > 1 ? count - 1 : null);
                }
            }
        }
    }

    Seat of(Request request) {
        return new Seat(clients.counted(request));
    }

    String why() {
        return "at most " + most + " connections that watch (websocket.control.max-connections-per-user)";
    }
}
