package dev.sluice.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices that a client closes its connection while it waits for the answer to a request whose body has been read.
///
/// Nobody reads from an HTTP/1.1 connection then, so nobody else would notice. Where the client sends its next request
/// instead, that one has been bitten into: the connection closes with the answer, and the client sends it anew (RFC
/// 9112, section 9.3.2). A client that has only closed its sending side counts as gone.
final class WaitingClient implements Callback {
    private static final Logger log = LoggerFactory.getLogger(WaitingClient.class);

    private final EndPoint endPoint;
    private final Response response;
    private final Runnable gone;
    private boolean over;

    private WaitingClient(EndPoint endPoint, Response response, Runnable gone) {
        this.endPoint = endPoint;
        this.response = response;
        this.gone = gone;
    }

    /// Works for a client as long as it waits.
    ///
    /// @param gone is run once the client has gone, and returns at once
    static <T> T serve(Request request, Response response, Runnable gone, Supplier<T> work) {
        if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2) {
            // Its connection is read all the time.
            request.addFailureListener(failure -> gone.run());
            return work.get();
        }
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        var client = new WaitingClient(endPoint, response, gone);
        if (!endPoint.tryFillInterested(client)) {
            log.debug("somebody reads from {} already", endPoint);
            return work.get();
        }
        try {
            return work.get();
        } finally {
            client.letGo();
        }
    }

    /// There is something to read: an end, as a rule.
    @Override
    public void succeeded() {
        boolean left;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            left = hasLeft();
        }
        if (left) {
            gone.run();
        }
    }

    private boolean hasLeft() {
        try {
            int read = endPoint.fill(ByteBuffer.allocate(1).limit(0));
            if (read > 0) {
                response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
            }
            return read < 0;
        } catch (IOException e) {
            log.debug("the connection is cut", e);
            return true;
        }
    }

    @Override
    public void failed(Throwable why) {
        log.trace("not watched any more", why);
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    /// From now on the connection is Jetty's again.
    private synchronized void letGo() {
        if (!over) {
            over = true;
            if (endPoint instanceof AbstractEndPoint known) {
                known.getFillInterest().onFail(new CancellationException("the answer is there"));
            }
        }
    }
}
