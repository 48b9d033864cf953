package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// One kept connection for HTTP/1.1 on a bare socket: requests go out as they are given, an answer is read
/// whole. Used by one thread at a time.
final class HttpConnection implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final InetSocketAddress address;
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 << 10).limit(0);

    /// @param headers by name in lower case
    record Answer(int status, Map<String, String> headers, String body) {
        Answer expect(int wanted) {
            if (status != wanted) {
                throw new BenchException("the server answered " + status + ", not " + wanted + ": " + body);
            }
            return this;
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new BenchException("no JSON: " + body, e);
            }
        }
    }

    HttpConnection(InetSocketAddress address) {
        this.address = address;
        try {
            channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        } catch (IOException e) {
            throw new BenchException("cannot connect to " + address, e);
        }
    }

    Answer get(String path) {
        return ask("GET", path, "", "");
    }

    Answer post(String path, String json) {
        return ask("POST", path, "Content-Type: application/json\r\n", json);
    }

    Answer ask(String method, String path, String headers, String body) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        try {
            head(method, path, headers, content.length, content);
            return answer();
        } catch (IOException e) {
            throw new BenchException(method + " " + path + " failed", e);
        }
    }

    /// Sends bytes of a cargo as the body.
    Answer send(String method, String path, String headers, Cargo cargo, long first, long length) {
        try {
            head(method, path, headers, length, new byte[0]);
            cargo.send(channel, first, length);
            return answer();
        } catch (IOException e) {
            throw new BenchException(method + " " + path + " failed; " + answered(), e);
        }
    }

    /// What a server said before it stopped reading.
    private String answered() {
        try {
            return "the server had answered " + answer();
        } catch (IOException e) {
            return "the server had not answered: " + e.getMessage();
        }
    }

    /// Sends requests that are made already, one after the other without waiting, then reads their answers.
    void pipeline(ByteBuffer requests, int count, int status) {
        try {
            while (requests.hasRemaining()) {
                channel.write(requests);
            }
            for (int i = 0; i < count; i++) {
                answer().expect(status);
            }
        } catch (IOException e) {
            throw new BenchException("pipelined requests failed", e);
        }
    }

    private void head(String method, String path, String headers, long length, byte[] body) throws IOException {
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + address.getHostString() + ":" + address.getPort()
                + "\r\nContent-Length: " + length + "\r\n" + headers + "\r\n";
        byte[] first = head.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out = ByteBuffer.allocate(first.length + body.length)
                .put(first)
                .put(body)
                .flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    private Answer answer() throws IOException {
        String[] first = line().split(" ", 3);
        int status = Integer.parseInt(first[1]);
        var headers = new TreeMap<String, String>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if (status == 100) {
            return answer();
        }
        var body = new ByteArrayOutputStream();
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            for (int size = chunk(); size > 0; size = chunk()) {
                take(size, body);
                line();
            }
            line();
        } else {
            take(Integer.parseInt(headers.getOrDefault("content-length", "0")), body);
        }
        return new Answer(status, headers, body.toString(StandardCharsets.UTF_8));
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private void take(int count, ByteArrayOutputStream to) throws IOException {
        for (int i = 0; i < count; i++) {
            to.write(next());
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (byte b = next(); b != '\n'; b = next()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    private byte next() throws IOException {
        if (!in.hasRemaining()) {
            int count = channel.read(in.clear());
            in.flip();
            if (count < 0) {
                throw new EOFException("the server closed the connection");
            }
        }
        return in.get();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new BenchException("cannot close a connection", e);
        }
    }
}
