package dev.sluice.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Asks through the socket in a data folder, one connection a request.
record TestingUnixClient(Path socket) {
    String get(String path) throws IOException {
        return send("GET " + path, "");
    }

    String post(String path, String json) throws IOException {
        return send("POST " + path, json);
    }

    /// The whole answer as it comes.
    private String send(String line, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(
                    ByteBuffer.wrap((line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                                    + bytes.length + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.UTF_8)));
            var answer = new ByteArrayOutputStream();
            var piece = ByteBuffer.allocate(64 << 10);
            while (channel.read(piece.clear()) >= 0) {
                answer.write(piece.array(), 0, piece.position());
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
