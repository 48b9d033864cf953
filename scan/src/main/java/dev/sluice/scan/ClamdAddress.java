package dev.sluice.scan;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Where clamd listens.
public sealed interface ClamdAddress {
    /// @throws IOException where a name cannot be resolved
    SocketAddress resolve() throws IOException;

    /// The better one of the two: only who may open the socket can speak to it.
    record Local(Path socket) implements ClamdAddress {
        @Override
        public SocketAddress resolve() {
            return UnixDomainSocketAddress.of(socket);
        }

        @Override
        public String toString() {
            return socket.toString();
        }
    }

    /// By TCP: unauthenticated and in clear, for a network that is trusted.
    record Remote(String host, int port) implements ClamdAddress {
        public Remote {
            if (host.isEmpty() || port < 1 || port > 65535) {
                throw new IllegalArgumentException("not a host and a port: " + host + ":" + port);
            }
        }

        @Override
        public SocketAddress resolve() throws IOException {
            var address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException("no such host: " + host);
            }
            return address;
        }

        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    /// Reads `/run/clamav/clamd.ctl`, `unix:/run/clamav/clamd.ctl`, `localhost:3310` or `[::1]:3310`.
    ///
    /// @throws IllegalArgumentException where it is none of them
    static ClamdAddress of(String text) {
        if (text.startsWith("unix:")) {
            return new Local(Path.of(text.substring("unix:".length())));
        }
        if (text.indexOf('/') >= 0) {
            return new Local(Path.of(text));
        }
        var remote = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:\\[\\]\\s]+)):([0-9]{1,5})")
                .matcher(text);
        if (!remote.matches()) {
            throw new IllegalArgumentException(
                    "no address of clamd: " + text + "; give the path of its socket, or host:port");
        }
        String host = remote.group(1) != null ? remote.group(1) : remote.group(2);
        return new Remote(host, Integer.parseInt(remote.group(3)));
    }
}
