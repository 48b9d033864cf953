package dev.sluice.download;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;

/// A server of one file that answers as it is told to, well or badly.
final class TestingSource implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]*)");

    private final String scheme;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private volatile byte[] content;
    private volatile String etag = "\"one\"";
    private volatile Answering answering = Exchange::file;

    /// A request as it came.
    record Request(int number, String method, String path, Map<String, String> headers) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /// What is done with a request.
    interface Answering {
        void answer(Exchange exchange) throws IOException;
    }

    TestingSource(byte[] content) {
        this("http", content, ServerSocketFactory.getDefault());
    }

    /// The same by TLS.
    static TestingSource secure(byte[] content, TestingCertificate certificate) {
        return new TestingSource("https", content, certificate.serving().getServerSocketFactory());
    }

    private TestingSource(String scheme, byte[] content, ServerSocketFactory sockets) {
        this.scheme = scheme;
        this.content = content;
        try {
            listener = sockets.createServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String url(String path) {
        return scheme + "://127.0.0.1:" + listener.getLocalPort() + path;
    }

    int port() {
        return listener.getLocalPort();
    }

    void answer(Answering how) {
        answering = how;
    }

    void change(byte[] now, String tag) {
        content = now;
        etag = tag;
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    /// Bytes of bodies that were given to the kernel.
    long sent() {
        return sent.get();
    }

    /// Connections that are open.
    int connections() {
        return open.size();
    }

    /// Connections that were made, until now.
    int accepted() {
        return accepted.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            accepted.incrementAndGet();
            var in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                List<String> head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                String[] words = head.getFirst().split(" ");
                var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
                head.stream().skip(1).forEach(line -> {
                    int colon = line.indexOf(':');
                    headers.put(
                            line.substring(0, colon), line.substring(colon + 1).strip());
                });
                var request = new Request(requests.size() + 1, words[0], words[1], headers);
                requests.add(request);
                answering.answer(new Exchange(request, socket));
            }
        } catch (IOException e) {
            // The client has left, or this was wanted.
        } finally {
            open.remove(socket);
        }
    }

    private static List<String> head(InputStream in) throws IOException {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                return List.of();
            }
            if (next == '\n') {
                if (line.isEmpty()) {
                    return lines;
                }
                lines.add(line.toString());
                line.setLength(0);
            } else if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    /// One request and what can be answered.
    final class Exchange {
        final Request request;
        final Socket socket;

        Exchange(Request request, Socket socket) {
            this.request = request;
            this.socket = socket;
        }

        byte[] content() {
            return content;
        }

        /// The range that was asked for.
        int from() {
            Matcher matcher = RANGE.matcher(request.header("Range"));
            return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        }

        int to() {
            Matcher matcher = RANGE.matcher(request.header("Range"));
            return matcher.matches() && !matcher.group(2).isEmpty()
                    ? Math.min(Integer.parseInt(matcher.group(2)) + 1, content.length)
                    : content.length;
        }

        /// As a good server does.
        void file() throws IOException {
            head206();
            body(from(), to());
        }

        void head206() throws IOException {
            String unchanged = request.header("If-Range");
            if (!unchanged.isEmpty() && !unchanged.equals(etag)) {
                head(200, "Content-Length: " + content.length, "ETag: " + etag);
                return;
            }
            head(
                    206,
                    "Content-Range: bytes " + from() + "-" + (to() - 1) + "/" + content.length,
                    "Content-Length: " + (to() - from()),
                    "ETag: " + etag);
        }

        /// The whole file, whatever was asked for.
        void whole() throws IOException {
            head(200, "Content-Length: " + content.length, "ETag: " + etag);
            body(0, content.length);
        }

        void head(int status, String... headers) throws IOException {
            var head = new StringBuilder("HTTP/1.1 " + status + " Word\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            write(head.append("\r\n").toString().getBytes(ISO_8859_1));
        }

        void empty(int status, String... headers) throws IOException {
            var all = new ArrayList<>(List.of(headers));
            all.add("Content-Length: 0");
            head(status, all.toArray(String[]::new));
        }

        void body(int from, int to) throws IOException {
            for (int at = from; at < to; ) {
                int some = Math.min(64 << 10, to - at);
                socket.getOutputStream().write(content, at, some);
                at += some;
                sent.addAndGet(some);
            }
        }

        void write(byte[] bytes) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        }

        void drop() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    /// Breaks all connections.
    void dropAll() {
        try {
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        dropAll();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
