package dev.sluice.server;

import dev.sluice.app.SocketMeters;
import dev.sluice.realtime.CloseCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The connections that stay open: sockets, so that a server that goes down ends none before its close code has
/// arrived, and streams of events; both end with what their callers stand on. Safe for use by many threads.
final class OpenSockets {
    private final Set<Socket> open = new HashSet<>();
    private final Set<Admitted> streams = new HashSet<>();
    private final Closed whenClosed;
    private final SocketMeters meters;

    /// A connection that somebody was let in for.
    interface Admitted {
        Admission admission();

        void close(CloseCode code, String reason);
    }

    /// Hears of sockets that have ended.
    interface Closed {
        void closed(Socket socket, int code);
    }

    OpenSockets(Closed whenClosed, SocketMeters meters) {
        this.whenClosed = whenClosed;
        this.meters = meters;
    }

    SocketMeters meters() {
        return meters;
    }

    synchronized void opened(Socket socket) {
        open.add(socket);
    }

    void closed(Socket socket, int code) {
        synchronized (this) {
            open.remove(socket);
            if (open.isEmpty()) {
                notifyAll();
            }
        }
        whenClosed.closed(socket, code);
    }

    synchronized void opened(Admitted stream) {
        streams.add(stream);
    }

    synchronized void closed(Admitted stream) {
        streams.remove(stream);
    }

    synchronized List<Admitted> all() {
        var all = new ArrayList<Admitted>(open);
        all.addAll(streams);
        return all;
    }

    /// Waits until the peers of all have closed, too.
    synchronized void awaitNone(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toMillis(); !open.isEmpty() && left > 0; left = millisTo(deadline)) {
            wait(left);
        }
    }

    private static long millisTo(long deadline) {
        return (deadline - System.nanoTime()) / 1_000_000;
    }
}
