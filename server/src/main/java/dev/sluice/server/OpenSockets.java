package dev.sluice.server;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/// The sockets that are open, so that a server that goes down ends no connection before its close code has
/// arrived. Safe for use by many threads.
final class OpenSockets {
    private final Set<Socket> open = new HashSet<>();

    synchronized void opened(Socket socket) {
        open.add(socket);
    }

    synchronized void closed(Socket socket) {
        open.remove(socket);
        if (open.isEmpty()) {
            notifyAll();
        }
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
