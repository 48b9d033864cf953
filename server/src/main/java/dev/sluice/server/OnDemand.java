package dev.sluice.server;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.LifeCycle;

/// Makes and starts its handler for the first request that comes: what takes long to make, and may never be asked.
final class OnDemand extends Handler.Wrapper {
    private final Supplier<Handler> making;
    private final ReentrantLock made = new ReentrantLock();

    OnDemand(Supplier<Handler> making) {
        super(true, null);
        this.making = making;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        make();
        return super.handle(request, response, callback);
    }

    private void make() {
        made.lock();
        try {
            if (getHandler() == null) {
                Handler handler = making.get();
                handler.setServer(getServer());
                LifeCycle.start(handler);
                setHandler(handler);
            }
        } finally {
            made.unlock();
        }
    }
}
