package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Where a server listens. Connecting gives two plain blocking streams, which is what tells a sender at once
/// that the server has answered before the last byte was sent.
sealed interface Endpoint {
    Connection connect() throws IOException;

    /// The `Host` header.
    String host();

    /// The API key that lets in there; null where none is needed, or known.
    default @Nullable String key() {
        return null;
    }

    /// What comes before the route's path.
    default String prefix() {
        return "";
    }

    /// Both directions may be used at the same time; `close` ends whatever blocks in either.
    interface Connection extends AutoCloseable {
        InputStream in();

        OutputStream out();

        @Override
        void close();
    }

    /// The socket in the data folder: whoever may open it has the rights of the operating system's user.
    record Unix(Path path) implements Endpoint {
        @Override
        public Connection connect() throws IOException {
            var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
            } catch (IOException e) {
                channel.close();
                throw refused(this, e);
            }
            return new ChannelConnection(channel);
        }

        @Override
        public String host() {
            return "localhost";
        }
    }

    /// @param key that lets in there
    record Url(URI uri, @Nullable String key) implements Endpoint {
        private static final int CONNECT_MILLIS = 5_000;

        @Override
        public Connection connect() throws IOException {
            var secure = "https".equals(uri.getScheme());
            var port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
            var socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                socket.connect(new InetSocketAddress(unbracketed(uri.getHost()), port), CONNECT_MILLIS);
                return new SocketConnection(secure ? secured(socket, port) : socket);
            } catch (IOException e) {
                socket.close();
                throw refused(this, e);
            }
        }

        private Socket secured(Socket socket, int port) throws IOException {
            var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
            var secured = (SSLSocket) factory.createSocket(socket, unbracketed(uri.getHost()), port, true);
            var parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
            secured.startHandshake();
            return secured;
        }

        private static String unbracketed(String host) {
            return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        }

        @Override
        public String host() {
            return uri.getPort() >= 0 ? uri.getHost() + ":" + uri.getPort() : uri.getHost();
        }

        @Override
        public String prefix() {
            var path = uri.getRawPath();
            return path == null || path.equals("/") ? "" : path.replaceAll("/+$", "");
        }
    }

    private static IOException refused(Endpoint endpoint, IOException cause) {
        var refused = new ConnectException("no server answers at " + endpoint.host());
        refused.initCause(cause);
        return refused;
    }

    record SocketConnection(Socket socket, InputStream in, OutputStream out) implements Connection {
        SocketConnection(Socket socket) throws IOException {
            this(socket, socket.getInputStream(), socket.getOutputStream());
        }

        @Override
        public void close() {
            Closing.quietly(socket);
        }
    }

    record ChannelConnection(SocketChannel channel) implements Connection {
        @Override
        public InputStream in() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    var one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    return channel.read(ByteBuffer.wrap(into, offset, length));
                }
            };
        }

        @Override
        public OutputStream out() {
            return new OutputStream() {
                @Override
                public void write(int one) throws IOException {
                    write(new byte[] {(byte) one}, 0, 1);
                }

                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    var bytes = ByteBuffer.wrap(from, offset, length);
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }
            };
        }

        @Override
        public void close() {
            Closing.quietly(channel);
        }
    }
}
