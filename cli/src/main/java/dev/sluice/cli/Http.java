package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1, one request a connection. The JDK's own client reads an answer only when the request's body is
/// sent; an upload wants to know of a cancel or of a full disk at once, so here the answer is read while the
/// body is written.
final class Http implements Closeable {
    private static final long ANSWER_SECONDS = 60;
    private static final int LONGEST_LINE = 64 * 1024;
    private static final int LONGEST_BODY = 64 * 1024 * 1024;

    /// @param headers names in lower case
    record Answer(int status, Map<String, String> headers, String text) {
        boolean ok() {
            return status >= 200 && status < 300;
        }

        /// The body as JSON; the missing node where it is none.
        JsonNode json() {
            return Json.parse(text);
        }
    }

    private final Endpoint.Connection connection;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private Http(Endpoint.Connection connection) {
        this.connection = connection;
    }

    /// A word as it stands in a path, a query or a form.
    static String encoded(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /// Sends a whole request and waits for the answer.
    static Answer send(Endpoint endpoint, String method, String path, Map<String, String> headers, String body)
            throws IOException {
        return send(endpoint, method, path, headers, body, ANSWER_SECONDS);
    }

    /// @param seconds how long the answer may take
    static Answer send(
            Endpoint endpoint, String method, String path, Map<String, String> headers, String body, long seconds)
            throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        try (var exchange = open(endpoint, method, path, headers, bytes.length)) {
            exchange.write(bytes, bytes.length);
            return exchange.await(seconds);
        }
    }

    /// Sends the head of a request whose body of `length` bytes follows by [#write].
    static Http open(Endpoint endpoint, String method, String path, Map<String, String> headers, long length)
            throws IOException {
        var all = new LinkedHashMap<String, String>();
        all.put("Host", endpoint.host());
        all.put("User-Agent", "sluice");
        all.put("Connection", "close");
        if (length > 0 || !method.equals("GET")) {
            all.put("Content-Length", Long.toString(length));
        }
        if (endpoint.key() != null) {
            all.put("Authorization", "Bearer " + endpoint.key());
        }
        all.putAll(headers);
        var head = new StringBuilder(method + " " + endpoint.prefix() + path + " HTTP/1.1\r\n");
        all.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("\r\n");

        var exchange = new Http(endpoint.connect());
        Thread.ofVirtual().name("answer").start(exchange::read);
        try {
            exchange.connection.out().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // The reader may know why: what is no HTTP server speaks first, and the connection is closed at once.
            if (!exchange.answeredWithin(1)) {
                exchange.close();
                throw exchange.lost(e);
            }
        }
        return exchange;
    }

    /// Writes the next bytes of the body, blocking where the server is slower. Does nothing once the answer is
    /// here.
    void write(byte[] bytes, int length) throws IOException {
        if (answered() || length == 0) {
            return;
        }
        try {
            connection.out().write(bytes, 0, length);
        } catch (IOException e) {
            if (!answeredWithin(1)) {
                throw lost(e);
            }
        }
    }

    /// Whether the server has said all that it has to say.
    boolean answered() {
        return answer.isDone() && !answer.isCompletedExceptionally();
    }

    /// Whoever reads learns why a connection ended; whoever writes only finds it closed.
    private IOException lost(IOException found) {
        if (!answer.isCompletedExceptionally()) {
            return found;
        }
        var cause = answer.exceptionNow();
        var lost = new IOException("the connection ended: " + Failure.why(cause), cause);
        lost.addSuppressed(found);
        return lost;
    }

    private boolean answeredWithin(long seconds) {
        try {
            await(seconds);
            return true;
        } catch (IOException noAnswer) {
            return false;
        }
    }

    /// The answer, or an exception where the connection ended without one.
    Answer await(long seconds) throws IOException {
        try {
            return answer.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            close();
            throw new IOException("the server did not answer within " + seconds + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("the connection ended: " + Failure.why(cause(e)), cause(e));
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Throwable cause(ExecutionException e) {
        var cause = e.getCause();
        return cause == null ? e : cause;
    }

    /// Ends the exchange; whoever waits for the answer is told this.
    void giveUp(String why) {
        answer.completeExceptionally(new IOException(why));
        close();
    }

    @Override
    public void close() {
        connection.close();
    }

    private void read() {
        try {
            answer.complete(readAnswer(new BufferedInputStream(connection.in())));
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
        } finally {
            close();
        }
    }

    private static Answer readAnswer(InputStream in) throws IOException {
        while (true) {
            var first = line(in).split(" ", 3);
            if (first.length < 2 || !first[0].startsWith("HTTP/1.")) {
                throw new ProtocolException("that is no HTTP server");
            }
            var status = Integer.parseInt(first[1]);
            var headers = new LinkedHashMap<String, String>();
            for (var line = line(in); !line.isEmpty(); line = line(in)) {
                var colon = line.indexOf(':');
                if (colon > 0) {
                    headers.put(
                            line.substring(0, colon).toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip());
                }
            }
            if (status >= 200) {
                return new Answer(status, headers, new String(body(in, status, headers), StandardCharsets.UTF_8));
            }
        }
    }

    private static byte[] body(InputStream in, int status, Map<String, String> headers) throws IOException {
        if (status == 204 || status == 304) {
            return new byte[0];
        }
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            return chunks(in);
        }
        @Nullable String length = headers.get("content-length");
        if (length == null) {
            return in.readNBytes(LONGEST_BODY);
        }
        return exactly(in, Long.parseLong(length));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            var size = Long.parseLong(line(in).split(";", 2)[0].strip(), 16);
            if (size == 0) {
                return body.toByteArray();
            }
            body.writeBytes(exactly(in, size));
            if (body.size() > LONGEST_BODY) {
                throw new IOException("the answer is too long");
            }
            line(in);
        }
    }

    private static byte[] exactly(InputStream in, long length) throws IOException {
        if (length > LONGEST_BODY) {
            throw new IOException("the answer is too long");
        }
        var body = in.readNBytes((int) length);
        if (body.length < length) {
            throw new EOFException("the answer was cut off");
        }
        return body;
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (var next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the server closed the connection without an answer");
            }
            if (line.length() > LONGEST_LINE) {
                throw new IOException("the answer's head is too long");
            }
            line.append((char) next);
        }
        var length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
    }
}
