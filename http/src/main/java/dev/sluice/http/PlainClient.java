package dev.sluice.http;

import java.util.function.Consumer;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/// Jetty's client over HTTP/1.1 that sends what it is told to, and nothing behind its caller's back: it follows no
/// redirect, answers no challenge, keeps no cookie, unpacks nothing and names no agent.
public final class PlainClient {
    private PlainClient() {}

    /// @param connector with its timeouts and TLS; it gets one selector
    /// @param name of its threads
    /// @param more what else is set before it starts
    /// @return started; whoever has it stops it
    public static HttpClient open(ClientConnector connector, String name, int threads, Consumer<HttpClient> more) {
        var pool = new QueuedThreadPool(threads, 2);
        pool.setName(name);
        pool.setDaemon(true);
        connector.setExecutor(pool);
        connector.setSelectors(1);
        var client = new HttpClient(new HttpClientTransportOverHTTP(connector));
        client.setExecutor(pool);
        client.setFollowRedirects(false);
        client.setUserAgentField(null);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        more.accept(client);
        try {
            client.start();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP client does not start", e);
        }
        client.getProtocolHandlers().clear();
        client.getContentDecoderFactories().clear();
        return client;
    }

    public static void stop(HttpClient client) {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP client does not stop", e);
        }
    }
}
