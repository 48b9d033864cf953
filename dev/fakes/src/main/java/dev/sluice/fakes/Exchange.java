package dev.sluice.fakes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content.Chunk;
import org.eclipse.jetty.io.Content.Sink;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/// One call and its answer, with the faults that hit it. Used by the one thread that serves the call.
final class Exchange {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_JSON = 1 << 20;

    private final Request request;
    private final Response response;
    private final Calls.Entry call;
    private final Faults switched;
    private final Fields query;
    private final String path;
    private final List<String> segments;
    private List<Fault> faults = List.of();
    private @Nullable Account account;
    private boolean bodyRead;
    private boolean answered;
    private long received;
    private long began;

    /// Takes the bytes of a body as they come.
    interface Taker {
        void take(ByteBuffer bytes);
    }

    /// The connection is to be cut, by a fault.
    static final class Dropped extends IOException {
        Dropped() {
            super("dropped on purpose");
        }
    }

    Exchange(Request request, Response response, Calls.Entry call, Faults switched) {
        this.request = request;
        this.response = response;
        this.call = call;
        this.switched = switched;
        this.query = Request.extractQueryParameters(request);
        this.path = request.getHttpURI().getPath();
        this.segments = segments(path);
    }

    private static List<String> segments(String path) {
        var segments = new ArrayList<String>();
        for (String segment : path.substring(1).split("/", -1)) {
            // A plus is a plus in a path.
            segments.add(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
        }
        return segments;
    }

    // ---------------------------------------------------------------- what was asked

    /// The method; clients that cannot PATCH say it in a header.
    String method() {
        String override = request.getHeaders().get("X-HTTP-Method-Override");
        return override != null && request.getMethod().equals("POST") ? override : request.getMethod();
    }

    String path() {
        return path;
    }

    /// The path, decoded piece by piece: the name of an object may have slashes.
    List<String> segments() {
        return segments;
    }

    @Nullable
    String param(String name) {
        return query.getValue(name);
    }

    /// The address that the client reached this server by.
    String base() {
        return "http://" + requestHeader(HttpHeader.HOST);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    boolean flag(String name) {
        return "true".equals(param(name));
    }

    @Nullable
    String requestHeader(HttpHeader name) {
        return request.getHeaders().get(name);
    }

    @Nullable
    String requestHeader(String name) {
        return request.getHeaders().get(name);
    }

    /// -1 where the client does not say, or speaks of compressed bytes.
    long length() {
        return compressed() ? -1 : request.getLength();
    }

    private boolean compressed() {
        return "gzip".equals(requestHeader(HttpHeader.CONTENT_ENCODING));
    }

    boolean hasBody() {
        return request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
    }

    /// What a bare POST or PUT is answered by Google's front ends: "POST requests require a Content-length
    /// header" (GCS's status codes, 411).
    void requireLength() {
        if (request.getLength() < 0 && !request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            throw new Refusal(411, "required", method() + " requests require a Content-length header.");
        }
    }

    Account account() {
        if (account == null) {
            throw new IllegalStateException("nobody was asked for");
        }
        return account;
    }

    void by(Account who) {
        account = who;
        call.by(who);
    }

    Request request() {
        return request;
    }

    void hitBy(Step step, List<Fault> hitting) {
        faults = hitting;
        call.is(step, hitting);
    }

    <T extends Fault> Optional<T> fault(Class<T> kind) {
        return faults.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    void repeated(long bytes) {
        call.repeated(bytes);
    }

    // ---------------------------------------------------------------- its body

    /// A body of metadata.
    ObjectNode jsonBody() throws IOException {
        byte[] bytes = body(MOST_JSON);
        return bytes.length == 0 ? JsonNodeFactory.instance.objectNode() : object(bytes);
    }

    static ObjectNode object(byte[] bytes) throws IOException {
        try {
            JsonNode read = JSON.readTree(bytes);
            if (read instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new Refusal(400, "parseError", "Parse Error: " + e.getOriginalMessage());
        }
        throw new Refusal(400, "parseError", "Parse Error: the body is no object");
    }

    /// A small body as a whole.
    byte[] body(int most) throws IOException {
        var bytes = new ByteArrayOutputStream();
        read(piece -> {
            if (bytes.size() + piece.remaining() > most) {
                throw new Refusal(413, "uploadTooLarge", "the body has more than " + most + " bytes");
            }
            while (piece.hasRemaining()) {
                bytes.write(piece.get());
            }
        });
        return bytes.toByteArray();
    }

    /// Reads the body to its end, with the faults that concern it. Google's clients compress metadata, and
    /// chunks of what has no known size; `Content-Range` speaks of what that is when it is unpacked.
    ///
    /// @throws IOException where the client or the connection is gone
    void read(Taker taker) throws IOException {
        if (!compressed()) {
            readAsSent(taker);
            return;
        }
        var packed = new ByteArrayOutputStream();
        readAsSent(piece -> {
            while (piece.hasRemaining()) {
                packed.write(piece.get());
            }
        });
        taker.take(ByteBuffer.wrap(new GZIPInputStream(new ByteArrayInputStream(packed.toByteArray())).readAllBytes()));
    }

    private void readAsSent(Taker taker) throws IOException {
        bodyRead = true;
        began = System.nanoTime();
        long drop = fault(Fault.DropAt.class).map(Fault.DropAt::bytes).orElse(Long.MAX_VALUE);
        long stall = fault(Fault.Stall.class).map(Fault.Stall::bytes).orElse(Long.MAX_VALUE);
        if (drop == 0) {
            throw new Dropped();
        }
        while (true) {
            Chunk chunk = request.read();
            if (chunk == null) {
                try (Blocker.Runnable more = Blocker.runnable()) {
                    request.demand(more);
                    more.block();
                }
                continue;
            }
            if (Chunk.isFailure(chunk)) {
                throw new IOException("the client is gone", chunk.getFailure());
            }
            try {
                ByteBuffer bytes = chunk.getByteBuffer();
                while (bytes.hasRemaining()) {
                    if (received >= stall) {
                        stall = Long.MAX_VALUE;
                        awaitRelease();
                    }
                    int length = (int) Math.min(bytes.remaining(), Math.min(drop, stall) - received);
                    received += length;
                    call.received(received);
                    taker.take(bytes.slice(bytes.position(), length));
                    bytes.position(bytes.position() + length);
                    if (received >= drop) {
                        throw new Dropped();
                    }
                    pace(received);
                }
                if (chunk.isLast()) {
                    return;
                }
            } finally {
                chunk.release();
            }
        }
    }

    /// Reads what the client still sends, as it would else not see the answer.
    private void discard() throws IOException {
        if (!bodyRead && hasBody()) {
            readAsSent(bytes -> {});
        }
    }

    private void pace(long bytes) throws IOException {
        Optional<Fault.Pace> pace = fault(Fault.Pace.class);
        if (pace.isPresent()) {
            long due = began + (long) (bytes * 1e9 / pace.get().bytesPerSecond());
            sleep((due - System.nanoTime()) / 1_000_000);
        }
    }

    private void awaitRelease() throws IOException {
        try {
            switched.stall();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the fake ends", e);
        }
    }

    private static void sleep(long millis) throws IOException {
        try {
            if (millis > 0) {
                Thread.sleep(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the fake ends", e);
        }
    }

    // ---------------------------------------------------------------- its answer

    void header(HttpHeader name, String value) {
        response.getHeaders().put(name, value);
    }

    void header(String name, String value) {
        response.getHeaders().put(name, value);
    }

    boolean answered() {
        return answered;
    }

    void json(int status, JsonNode body) throws IOException {
        answer(status, "application/json; charset=UTF-8", body.toString().getBytes(StandardCharsets.UTF_8));
    }

    void empty(int status) throws IOException {
        answer(status, null, new byte[0]);
    }

    void refuse(Refusal refusal) throws IOException {
        discard();
        if (refusal.status() == 401) {
            header(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"https://accounts.google.com/\"");
        }
        if (refusal.retryAfter() != null) {
            header(HttpHeader.RETRY_AFTER, String.valueOf(refusal.retryAfter().toSeconds()));
        }
        answer(refusal.status(), refusal.contentType(), refusal.body().getBytes(StandardCharsets.UTF_8));
    }

    private void answer(int status, @Nullable String type, byte[] body) throws IOException {
        beforeAnswer();
        if (fault(Fault.DropAt.class).isPresent()) {
            throw new Dropped();
        }
        head(status, type, body.length);
        Sink.write(response, true, ByteBuffer.wrap(body));
    }

    /// Sends a run of an object's bytes.
    void content(int status, String type, Content content, long first, long length) throws IOException {
        beforeAnswer();
        head(status, type, length);
        began = System.nanoTime();
        long drop = fault(Fault.DropAt.class).map(Fault.DropAt::bytes).orElse(Long.MAX_VALUE);
        long sent = 0;
        while (sent < length && sent < drop) {
            int most = (int) Math.min(64 << 10, Math.min(length, drop) - sent);
            ByteBuffer piece = content.read(first + sent, most);
            sent += piece.remaining();
            Sink.write(response, false, piece);
            pace(sent);
        }
        if (drop < Long.MAX_VALUE) {
            throw new Dropped();
        }
        Sink.write(response, true, BufferUtil.EMPTY_BUFFER);
    }

    private void beforeAnswer() throws IOException {
        discard();
        Optional<Fault.Stall> stall = fault(Fault.Stall.class);
        if (stall.isPresent() && received < stall.get().bytes()) {
            awaitRelease();
        }
        Optional<Fault.Late> late = fault(Fault.Late.class);
        if (late.isPresent()) {
            sleep(late.get().by().toMillis());
        }
        if (fault(Fault.LoseAnswer.class).isPresent()) {
            throw new Dropped();
        }
    }

    private void head(int status, @Nullable String type, long length) {
        answered = true;
        response.setStatus(status);
        call.answered(status);
        if (type != null) {
            header(HttpHeader.CONTENT_TYPE, type);
        }
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
        header(
                "X-GUploader-UploadID",
                "fake-" + Long.toString(System.nanoTime(), 36).toUpperCase(Locale.ROOT));
    }
}
