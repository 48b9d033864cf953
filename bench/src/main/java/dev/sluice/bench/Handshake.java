package dev.sluice.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// The opening of a WebSocket (RFC 6455, 4.1) on a bare socket.
final class Handshake {
    private static final String KEY = "c2x1aWNlLWJlbmNoLTAwMQ==";

    private Handshake() {}

    /// Connects and upgrades; nothing behind the answer's head is read.
    static SocketChannel open(InetSocketAddress address, String path) {
        try {
            SocketChannel channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            String request = "GET " + path + " HTTP/1.1\r\nHost: " + address.getHostString() + ":" + address.getPort()
                    + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                    + KEY + "\r\n\r\n";
            channel.write(StandardCharsets.US_ASCII.encode(request));
            String head = head(channel);
            if (!head.startsWith("HTTP/1.1 101 ")) {
                throw new BenchException("no WebSocket at " + path + ": " + head);
            }
            return channel;
        } catch (IOException e) {
            throw new BenchException("no WebSocket at " + path, e);
        }
    }

    private static String head(SocketChannel channel) throws IOException {
        var head = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (head.indexOf("\r\n\r\n") < 0) {
            if (channel.read(one.clear()) < 0) {
                throw new EOFException("closed after: " + head);
            }
            head.append((char) one.get(0));
        }
        return head.toString();
    }
}
