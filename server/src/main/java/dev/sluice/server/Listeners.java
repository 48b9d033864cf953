package dev.sluice.server;

import dev.sluice.app.Settings;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.jspecify.annotations.Nullable;

/// Makes what listens, and says what is spoken there: HTTP/1.1, under TLS HTTP/2 too. HTTP/2 is not spoken in the
/// clear: browsers do not, and its upgrade leads past proxies.
final class Listeners {
    /// What one client may send before it is read, on a stream and on all of its connection together.
    private static final int STREAM_WINDOW = 1 << 20;

    private static final int CONNECTION_WINDOW = 2 << 20;
    private static final int MOST_STREAMS = 128;

    private final Server jetty;
    private final Settings.Server settings;
    private final @Nullable Tls tls;
    private final TrustedProxies proxies;
    private final Connections connections;

    Listeners(
            Server jetty,
            Settings.Server settings,
            @Nullable Tls tls,
            TrustedProxies proxies,
            Connections connections) {
        this.jetty = jetty;
        this.settings = settings;
        this.tls = tls;
        this.proxies = proxies;
        this.connections = connections;
    }

    /// What all that is spoken has in common.
    HttpConfiguration http() {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(true);
        configuration.setRequestHeaderSize(16 << 10);
        // HEAD of a tus upload sends back what the headers of its creation have brought.
        configuration.setMaxResponseHeaderSize(32 << 10);
        configuration.setInputBufferSize(SocketBuffers.LARGE);
        configuration.setOutputBufferSize(SocketBuffers.SMALL);
        configuration.addCustomizer(proxies);
        configuration.addCustomizer(new SecurityHeaders());
        return configuration;
    }

    /// A listener for anybody, under TLS where there is a certificate.
    ServerConnector open(InetSocketAddress address) {
        return connector(
                address.getHostString(),
                address.getPort(),
                tls == null ? List.of(new HttpConnectionFactory(http())) : secured(tls));
    }

    /// A listener for this machine's programs, in the clear.
    ServerConnector local(int port) {
        return connector("127.0.0.1", port, List.of(new HttpConnectionFactory(http())));
    }

    private ServerConnector connector(String host, int port, List<ConnectionFactory> spoken) {
        var connector = new ServerConnector(jetty, 1, 1, spoken.toArray(ConnectionFactory[]::new)) {
            @Override
            protected void onEndPointOpened(EndPoint endPoint) {
                super.onEndPointOpened(endPoint);
                connections.opened(endPoint);
            }

            @Override
            protected void onEndPointClosed(EndPoint endPoint) {
                connections.closed(endPoint);
                super.onEndPointClosed(endPoint);
            }
        };
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(settings.idleTimeout().toMillis());
        connector.setAcceptQueueSize(1024);
        return connector;
    }

    private List<ConnectionFactory> secured(Tls tls) {
        HttpConfiguration http = http();
        // A record of TLS has 16 KiB: larger buffers would only be held.
        http.setInputBufferSize(SocketBuffers.SMALL);
        // Before the others, which ask whether it is secure.
        http.getCustomizers().addFirst(new SecureRequestCustomizer(false));
        var two = new HTTP2ServerConnectionFactory(http);
        two.setInputBufferSize(SocketBuffers.SMALL);
        two.setInitialStreamRecvWindow(STREAM_WINDOW);
        two.setInitialSessionRecvWindow(CONNECTION_WINDOW);
        two.setMaxConcurrentStreams(MOST_STREAMS);
        // Sockets have connections of their own.
        two.setConnectProtocolEnabled(false);
        var negotiated = new ALPNServerConnectionFactory();
        negotiated.setDefaultProtocol(HttpVersion.HTTP_1_1.asString());
        var spoken = new ArrayList<ConnectionFactory>();
        spoken.add(new SslConnectionFactory(tls.context(), negotiated.getProtocol()));
        spoken.add(negotiated);
        spoken.add(two);
        spoken.add(new HttpConnectionFactory(http));
        return spoken;
    }
}
