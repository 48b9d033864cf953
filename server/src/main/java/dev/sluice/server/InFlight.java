package dev.sluice.server;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// The requests that are being answered, so that a process that ends by what it was asked for has said so before. Safe
/// for use by many threads.
final class InFlight extends Handler.Wrapper {
    private int count;

    InFlight(Handler next) {
        super(next);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        var over = new AtomicBoolean();
        Runnable end = () -> {
            if (over.compareAndSet(false, true)) {
                ended();
            }
        };
        begun();
        boolean handled = false;
        try {
            handled = super.handle(request, response, Callback.from(callback, end));
            return handled;
        } finally {
            if (!handled) {
                end.run();
            }
        }
    }

    private synchronized void begun() {
        count++;
    }

    private synchronized void ended() {
        count--;
        if (count == 0) {
            notifyAll();
        }
    }

    /// Waits until all that have come are answered.
    synchronized void awaitNone(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toMillis(); count > 0 && left > 0; left = (deadline - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }
}
