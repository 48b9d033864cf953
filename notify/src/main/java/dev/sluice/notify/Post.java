package dev.sluice.notify;

import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.http.PlainClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/// Sends messages over HTTP/1.1, to addresses that are [Reachable] as they are connected to, whatever names say later.
/// No redirect is followed. One exchange takes no longer than it may, however its bytes trickle. Safe for use by many
/// threads.
final class Post implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /// Nobody waits for a connection that somebody else has.
    private static final int CONNECTIONS = Courier.IN_ALL;
    private static final int THREADS = 8;
    private static final int EXCERPT = 500;

    private final HttpClient client;
    private final Duration timeout;

    /// What has become of a message.
    sealed interface Sent {
        /// @param retryAfter what the header of that name says, or null
        /// @param text the beginning of the body
        record Answered(int status, @Nullable String retryAfter, String text) implements Sent {}

        record Unreached(String why) implements Sent {}
    }

    private Post(HttpClient client, Duration timeout) {
        this.client = client;
        this.timeout = timeout;
    }

    /// @param timeout how long an exchange may take
    static Post open(Reachable reachable, Duration timeout, SslContextFactory.Client tls) {
        var connector = new ClientConnector();
        connector.setConnectTimeout(CONNECT);
        connector.setIdleTimeout(timeout);
        connector.setSslContextFactory(tls);
        HttpClient started = PlainClient.open(connector, "notify-io", THREADS, client -> {
            client.setMaxConnectionsPerDestination(CONNECTIONS);
            client.setSocketAddressResolver(new Checked(reachable));
        });
        return new Post(started, timeout);
    }

    private record Checked(Reachable reachable) implements SocketAddressResolver {
        @Override
        public void resolve(
                String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
            Thread.startVirtualThread(() -> {
                try {
                    promise.succeeded(reachable.resolve(bare(host)).stream()
                            .map(address -> new InetSocketAddress(address, port))
                            .toList());
                } catch (RuntimeException e) {
                    promise.failed(e);
                }
            });
        }

        private static String bare(String host) {
            return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        }
    }

    Sent send(URI to, Map<String, String> headers, byte[] body) {
        var listener = new InputStreamResponseListener();
        Request request = client.newRequest(to)
                .method(HttpMethod.POST)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .headers(fields -> {
                    fields.put(HttpHeader.USER_AGENT, "Sluice");
                    fields.remove(HttpHeader.ACCEPT_ENCODING);
                    headers.forEach(fields::put);
                })
                .body(new BytesRequestContent(headers.getOrDefault("Content-Type", "application/json"), body));
        try {
            request.send(listener);
            Response head = listener.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new Sent.Answered(
                    head.getStatus(), head.getHeaders().get(HttpHeader.RETRY_AFTER), excerpt(listener));
        } catch (ExecutionException e) {
            return unreached(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            return new Sent.Unreached("no answer within " + timeout.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Sent.Unreached("interrupted");
        } finally {
            var unused = request.abort(new IOException("the answer is known"));
        }
    }

    /// A body that ends badly takes nothing from the answer.
    private static String excerpt(InputStreamResponseListener listener) {
        try (InputStream in = listener.getInputStream()) {
            return new String(in.readNBytes(EXCERPT), StandardCharsets.UTF_8).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    private Sent unreached(Throwable cause) {
        if (cause instanceof ProblemException refused) {
            return new Sent.Unreached(String.valueOf(refused.getMessage()));
        }
        if (cause instanceof TimeoutException) {
            return new Sent.Unreached("no answer within " + timeout.toMillis() + " ms");
        }
        String said = cause.getMessage();
        return new Sent.Unreached(said == null ? cause.getClass().getSimpleName() : said);
    }

    @Override
    public void close() {
        PlainClient.stop(client);
    }
}
