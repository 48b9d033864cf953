package dev.sluice.cloud;

import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.http.PlainClient;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;

/// HTTP/1.1 to the providers: one request, one answer, on the caller's thread, which is to be a virtual one.
/// Nothing is tried again, redirected, unpacked or kept (cookies) behind the caller's back.
///
/// Every exchange hangs on a [StopToken]. When it fires no further byte is handed to the socket, and the
/// connection is reset, which drops what the kernel still held of it: at most the send buffer of 256 KiB. Safe
/// for use by many threads.
public final class Transport implements AutoCloseable {
    private static final int SEND_BUFFER = 256 << 10;
    private static final int CONNECTIONS = 256;
    private static final int QUEUED = 8192;
    private static final int THREADS = 16;
    private static final long DAYS = 7;

    private final HttpClient client;

    private Transport(HttpClient client) {
        this.client = client;
    }

    /// @param silence how long a connection may carry no byte in either direction during an exchange
    public static Transport open(Duration connect, Duration silence) {
        var connector = new GatedConnector();
        connector.setSendBufferSize(SEND_BUFFER);
        connector.setTCPNoDelay(true);
        connector.setConnectTimeout(connect);
        connector.setIdleTimeout(silence);
        return new Transport(PlainClient.open(connector, "cloud", THREADS, client -> {
            client.setMaxConnectionsPerDestination(CONNECTIONS);
            client.setMaxRequestsQueuedPerDestination(QUEUED);
        }));
    }

    /// Every close of a connection is a reset: an exchange that came to its end has nothing left to send.
    private static final class GatedConnector extends ClientConnector {
        @Override
        protected void configure(SelectableChannel channel) throws IOException {
            super.configure(channel);
            if (channel instanceof NetworkChannel socket) {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }

        @Override
        protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
            return new GatedEndPoint((SocketChannel) channel, selector, key, getScheduler());
        }
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// @throws IOException where the provider cannot be reached, breaks off or keeps silent for too long; what
    ///     became of the request is then not known
    /// @throws Stopped where the token has fired
    public Answer send(Outgoing outgoing, StopToken stop) throws IOException {
        stop.check();
        var body = new OutgoingBody(outgoing.body());
        Request request = client.newRequest(outgoing.uri())
                .method(outgoing.method())
                .tag(outgoing.lane())
                .headers(fields -> {
                    fields.clear();
                    outgoing.headers().forEach((name, values) -> {
                        if (!name.equalsIgnoreCase("Content-Length") && !name.equalsIgnoreCase("Expect")) {
                            values.forEach(value -> fields.add(name, value));
                        }
                    });
                    if (HttpMethod.PUT.is(outgoing.method())
                            || HttpMethod.POST.is(outgoing.method())
                            || outgoing.headers().keySet().stream().anyMatch("Content-Length"::equalsIgnoreCase)) {
                        fields.put(HttpHeader.CONTENT_LENGTH, body.getLength());
                    }
                });
        if (body.getLength() > 0) {
            request.body(body);
        }
        request.onRequestBegin(begun -> GatedEndPoint.guard(begun, stop));
        var listener = new InputStreamResponseListener();
        StopToken.Registration closer = stop.onStop(reason -> {
            var stopped = new Stopped(reason);
            body.shut(stopped);
            var unused = request.abort(stopped);
        });
        var answer = new Answer(request, listener, body, stop, closer);
        try {
            request.send(listener);
            Response head = listener.get(DAYS, TimeUnit.DAYS);
            return answer.with(head);
        } catch (ExecutionException e) {
            answer.close();
            stop.check();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(reason(cause), cause);
        } catch (TimeoutException e) {
            answer.close();
            throw new IOException("no answer in " + DAYS + " days", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.close();
            stop.check();
            throw new IOException("interrupted", e);
        } catch (RuntimeException e) {
            answer.close();
            stop.check();
            throw e;
        }
    }

    private static String reason(Throwable cause) {
        String said = cause.getMessage();
        return said == null || said.isBlank() ? cause.getClass().getSimpleName() : said;
    }

    @Override
    public void close() {
        PlainClient.stop(client);
    }
}
