package dev.sluice.house;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.util.OptionalInt;

/// A request that brings the rest of a file, of which as much is sent as is wanted at a time.
final class Sending implements AutoCloseable {
    private static final int STEP = 64 << 10;

    private final Socket socket;
    private final byte[] file;
    private volatile int sent;

    private Sending(URI uri, String head, byte[] file, int offset) throws IOException {
        this.socket = new Socket(uri.getHost(), uri.getPort());
        this.file = file;
        this.sent = offset;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        String request = head + "\r\nHost: 127.0.0.1:" + uri.getPort() + "\r\nContent-Length: " + (file.length - offset)
                + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    }

    /// By tus.
    static Sending patch(ServerProcess server, String upload, byte[] file, int offset) throws IOException {
        return new Sending(
                server.at("/"),
                "PATCH /files/" + upload + " HTTP/1.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: " + offset
                        + "\r\nContent-Type: application/offset+octet-stream",
                file,
                offset);
    }

    /// With `Content-Range`.
    static Sending put(ServerProcess server, String upload, byte[] file, int offset) throws IOException {
        return new Sending(
                server.at("/"),
                "PUT /api/v1/upload/" + upload + " HTTP/1.1\r\nContent-Range: bytes " + offset + "-" + (file.length - 1)
                        + "/" + file.length,
                file,
                offset);
    }

    /// Sends up to that byte of the file.
    ///
    /// @return this
    /// @throws IOException where the server has cut the connection
    Sending to(int end) throws IOException {
        for (int at = sent; at < end; ) {
            int length = Math.min(STEP, end - at);
            socket.getOutputStream().write(file, at, length);
            at += length;
            sent = at;
        }
        return this;
    }

    /// Sends all the rest, on a thread of its own and as far as the server takes it.
    Sending on() {
        Thread.ofVirtual().name("sending").start(() -> {
            try {
                to(file.length);
            } catch (IOException e) {
                // Cut: status() tells.
            }
        });
        return this;
    }

    /// How many bytes of the file have been handed to the kernel, with those before the offset.
    int sent() {
        return sent;
    }

    /// Waits for the answer.
    ///
    /// @return nothing where the connection ended without one
    OptionalInt status() {
        try {
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            String line = in.readLine();
            return line == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(line.split(" ")[1]));
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
