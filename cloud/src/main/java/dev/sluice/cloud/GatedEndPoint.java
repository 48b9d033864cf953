package dev.sluice.cloud;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/// The end of a connection at which bytes leave this process. During an exchange it looks at the exchange's token:
/// while that is held, and once it has fired, the socket is given nothing, however much lies in the layers above. It
/// tells the token what has left.
final class GatedEndPoint extends SocketChannelEndPoint {
    private volatile @Nullable StopToken gate;

    GatedEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
        super(channel, selector, key, scheduler);
    }

    /// Gives the request's connection its token, until the next request on it.
    static void guard(Request request, StopToken stop) {
        EndPoint end = ((Connection) request.getConnection()).getEndPoint();
        while (end instanceof EndPoint.Wrapper wrapper) {
            end = wrapper.unwrap();
        }
        ((GatedEndPoint) end).gate = stop;
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        StopToken token = gate;
        if (token == null) {
            return super.flush(buffers);
        }
        if (token.stopped() || token.lost()) {
            throw new IOException("the exchange is stopped");
        }
        if (token.held()) {
            return false;
        }
        long before = remaining(buffers);
        boolean all = super.flush(buffers);
        if (remaining(buffers) < before) {
            token.handed();
        }
        return all;
    }

    @Override
    protected void onIncompleteFlush() {
        StopToken token = gate;
        if (token == null) {
            super.onIncompleteFlush();
        } else {
            token.whenDecided(super::onIncompleteFlush);
        }
    }

    private static long remaining(ByteBuffer... buffers) {
        long remaining = 0;
        for (ByteBuffer buffer : buffers) {
            remaining += buffer.remaining();
        }
        return remaining;
    }
}
