package dev.sluice.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/// A WebSocket client that does just what it is told (RFC 6455): it sends frames as they are wanted and keeps
/// what comes.
final class TestingSocket implements AutoCloseable {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    final int status;
    final String head;
    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    /// How a socket ended, and what came before.
    record End(int code, String reason, List<JsonNode> messages) {
        @Nullable
        JsonNode last() {
            return messages.isEmpty() ? null : messages.getLast();
        }

        List<String> types() {
            return messages.stream()
                    .map(message -> message.path("type").asText())
                    .toList();
        }
    }

    TestingSocket(URI server, String path, String... headers) {
        this(SocketFactory.getDefault(), server, path, headers);
    }

    /// @param sockets makes the connection, as one under TLS
    TestingSocket(SocketFactory sockets, URI server, String path, String... headers) {
        try {
            socket = sockets.createSocket(server.getHost(), server.getPort());
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            out = socket.getOutputStream();
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            var request = new StringBuilder("GET " + path + " HTTP/1.1\r\n");
            boolean host = false;
            for (int i = 0; i < headers.length; i += 2) {
                host |= headers[i].equals("Host");
                request.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
            }
            if (!host) {
                request.append("Host: ").append(server.getAuthority()).append("\r\n");
            }
            request.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
                    .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            out.write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            head = readHead();
            status = Integer.parseInt(head.substring(9, 12));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String readHead() throws IOException {
        var bytes = new ByteArrayOutputStream();
        while (!bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            bytes.write(in.readUnsignedByte());
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    /// The body of a refused handshake.
    String body() {
        try {
            int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ");
            int length = Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
            return new String(in.readNBytes(length), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void send(byte[] message) {
        frame(BINARY, true, message);
    }

    void sendText(String message) {
        frame(TEXT, true, message.getBytes(StandardCharsets.UTF_8));
    }

    /// One binary message in frames of `size` bytes. A server that has closed may have stopped reading: that is
    /// no error.
    void sendFragmented(byte[] message, int size) {
        fragments(BINARY, message, size);
    }

    void sendTextFragmented(byte[] message, int size) {
        fragments(TEXT, message, size);
    }

    private void fragments(int opCode, byte[] message, int size) {
        try {
            for (int at = 0; at < message.length; at += size) {
                int end = Math.min(message.length, at + size);
                write(at == 0 ? opCode : 0, end == message.length, java.util.Arrays.copyOfRange(message, at, end));
            }
        } catch (SocketException e) {
            // The answer says why.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void sendPing(byte[] payload) {
        frame(PING, true, payload);
    }

    void sendClose(int code) {
        frame(CLOSE, true, ByteBuffer.allocate(2).putShort((short) code).array());
    }

    private void frame(int opCode, boolean last, byte[] payload) {
        try {
            write(opCode, last, payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(int opCode, boolean last, byte[] payload) throws IOException {
        var head = ByteBuffer.allocate(14);
        head.put((byte) ((last ? 0x80 : 0) | opCode));
        if (payload.length < 126) {
            head.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            head.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            head.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        byte[] mask = new byte[4];
        ThreadLocalRandom.current().nextBytes(mask);
        head.put(mask);
        out.write(head.array(), 0, head.position());
        byte[] masked = payload.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= mask[i & 3];
        }
        out.write(masked);
    }

    /// The next text message.
    JsonNode next() {
        try {
            return TestingServer.JSON.readTree(text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The next text message, whatever it is. Pings that come before it are answered.
    String text() {
        try {
            while (true) {
                int opCode = in.readUnsignedByte() & 0x0f;
                byte[] payload = payload();
                if (opCode == TEXT) {
                    return new String(payload, StandardCharsets.UTF_8);
                }
                if (opCode == PING) {
                    frame(PONG, true, payload);
                }
                if (opCode == CLOSE) {
                    throw new IllegalStateException("closed with " + end(payload, List.of()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads until the server closes; -1 where it cut the connection without a word.
    End end() {
        var messages = new ArrayList<JsonNode>();
        try {
            while (true) {
                int opCode = in.readUnsignedByte() & 0x0f;
                byte[] payload = payload();
                if (opCode == TEXT) {
                    messages.add(TestingServer.JSON.readTree(payload));
                } else if (opCode == CLOSE) {
                    echo(payload);
                    return end(payload, messages);
                }
            }
        } catch (EOFException | SocketException e) {
            return new End(-1, String.valueOf(e.getMessage()), messages);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void echo(byte[] close) {
        try {
            write(CLOSE, true, close.length < 2 ? new byte[0] : java.util.Arrays.copyOf(close, 2));
        } catch (IOException e) {
            // It has not waited for us.
        }
    }

    private byte[] payload() throws IOException {
        int length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = Math.toIntExact(in.readLong());
        }
        return in.readNBytes(length);
    }

    private static End end(byte[] payload, List<JsonNode> messages) {
        return payload.length < 2
                ? new End(1005, "", messages)
                : new End(
                        ByteBuffer.wrap(payload).getShort() & 0xffff,
                        new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8),
                        messages);
    }

    /// Cuts the connection.
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
