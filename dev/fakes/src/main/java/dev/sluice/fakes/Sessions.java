package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// Resumable uploads as both services do them (Drive's guide 'Upload file data'; GCS's 'Perform resumable
/// uploads'). What Google's guides leave open is as googleapis/java-storage describes it in
/// `ITJsonResumableSessionPutTaskTest` and `ResumableSessionFailureScenario` ("scenario").
final class Sessions {
    /// "Create chunks in multiples of 256 KB (256 x 1024 bytes) in size, except for the final chunk" (both).
    static final int MULTIPLE = 256 << 10;

    private final FakeOptions options;
    private final int expired;
    private final Map<String, UploadSession> open = new ConcurrentHashMap<>();
    private final Map<String, Integer> gone = new ConcurrentHashMap<>();

    /// @param expired the status of a session that is no more
    Sessions(FakeOptions options, int expired) {
        this.options = options;
        this.expired = expired;
    }

    static Step step(Exchange exchange) {
        if (exchange.method().equals("DELETE")) {
            return Step.CANCEL;
        }
        String header = exchange.requestHeader(HttpHeader.CONTENT_RANGE);
        if (header == null) {
            return Step.LAST_CHUNK;
        }
        if (header.startsWith("bytes */")) {
            return Step.QUERY;
        }
        int slash = header.indexOf('/');
        int dash = header.indexOf('-');
        return slash > dash && dash > 0 && ends(header.substring(dash + 1, slash), header.substring(slash + 1))
                ? Step.LAST_CHUNK
                : Step.CHUNK;
    }

    private static boolean ends(String last, String total) {
        return last.matches("\\d{1,18}")
                && total.matches("\\d{1,18}")
                && Long.parseLong(last) + 1 == Long.parseLong(total);
    }

    /// Answers a start with the session's address, which is the one that was asked with the id in its query.
    void start(Exchange exchange, UploadSession session) throws IOException {
        String id = newId(session);
        exchange.header(HttpHeader.LOCATION, address(exchange, id));
        exchange.empty(200);
    }

    List<OpenSession> open() {
        open.keySet().forEach(this::expire);
        var seen = new HashSet<UploadSession>();
        return open.entrySet().stream()
                .filter(entry -> entry.getValue().done() == null && seen.add(entry.getValue()))
                .map(entry -> entry.getValue().shown(entry.getKey()))
                .toList();
    }

    /// Lets every session expire that is open now.
    void expireAll() {
        open.forEach((id, session) -> {
            if (session.done() == null) {
                forget(id, expired);
            }
        });
    }

    /// Who began the session that a call is about.
    Account account(Exchange exchange) {
        return session(String.valueOf(exchange.param("upload_id"))).account();
    }

    void serve(Exchange exchange) throws IOException {
        String id = String.valueOf(exchange.param("upload_id"));
        exchange.fault(Fault.ForgetSession.class).ifPresent(fault -> forget(id, fault.status()));
        UploadSession session = session(id);
        if (session.account() != exchange.account()) {
            throw new Refusal(403, "forbidden", "The session was begun by somebody else");
        }
        session.used(options.clock().instant());
        switch (exchange.method()) {
            case "PUT" -> put(exchange, id, session);
            case "DELETE" -> cancel(exchange, id);
            default -> throw new Refusal(405, "httpMethodNotAllowed", "a session is used with PUT and DELETE");
        }
    }

    /// GCS answers 499, and what comes after that is an error ('Perform resumable uploads', "Cancel an upload";
    /// googleapis/storage-testbench `rest_server.py`). Drive documents no cancel: that it does the same is
    /// unverified, and so is that the object stays where the session has been completed.
    private void cancel(Exchange exchange, String id) throws IOException {
        forget(id, expired);
        exchange.empty(499);
    }

    private void put(Exchange exchange, String id, UploadSession session) throws IOException {
        exchange.requireLength();
        ContentRange range = ContentRange.of(exchange.requestHeader(HttpHeader.CONTENT_RANGE));
        // Scenarios 1 and 4: a completed session answers with the object, whatever it is sent.
        ObjectNode done = session.done();
        if (done == null && range != null && range.asks()) {
            done = ask(exchange, session, range);
        } else if (done == null) {
            done = range == null ? whole(exchange, session) : chunk(exchange, session, range);
        }
        if (done == null) {
            incomplete(exchange, id, session);
        } else {
            exchange.json(200, done);
        }
    }

    /// `bytes */N` asks how far the session is, and completes it where N bytes are there.
    private @Nullable ObjectNode ask(Exchange exchange, UploadSession session, ContentRange range) {
        if (exchange.length() != 0) {
            throw Refusal.invalid("a Content-Range without a range has no body");
        }
        if (range.total() < 0) {
            return null;
        }
        // Scenario 3: more was announced than is there, or scenario 2, less: neither is an error.
        if (!session.announced() && session.received() == range.total()) {
            session.announce(range.total());
        }
        return session.finish(exchange);
    }

    private @Nullable ObjectNode whole(Exchange exchange, UploadSession session) throws IOException {
        if (exchange.length() >= 0) {
            session.announce(exchange.length());
        }
        long received = receive(exchange, session, 0, exchange.length());
        if (received >= 0 && !session.announced()) {
            session.announce(received);
        }
        return session.finish(exchange);
    }

    private @Nullable ObjectNode chunk(Exchange exchange, UploadSession session, ContentRange range)
            throws IOException {
        long length = range.last() - range.first() + 1;
        if (exchange.length() >= 0 && exchange.length() != length) {
            throw Refusal.invalid(
                    "Content-Range announces " + length + " bytes, and the body has " + exchange.length());
        }
        if (!range.ends() && length % MULTIPLE != 0) {
            throw Refusal.invalid(
                    "a chunk that is not the last has a multiple of " + MULTIPLE + " bytes, not " + length);
        }
        if (range.total() >= 0) {
            session.announce(range.total());
        }
        long already = session.received();
        if (range.first() > already) {
            // Scenario 5, and https://github.com/Byron/google-apis-rs/issues/438
            throw new Refusal(
                            503,
                            "backendError",
                            "Invalid request.  According to the Content-Range header, the upload offset is "
                                    + range.first() + " byte(s), which exceeds already uploaded size of " + already
                                    + " byte(s).")
                    .plain();
        }
        receive(exchange, session, range.first(), length);
        return session.finish(exchange);
    }

    /// Takes a body that begins at `first`. What the session has already is read and not taken (unverified).
    ///
    /// @param length -1 where it is not known
    /// @return how many bytes came, -1 where not all of them were kept
    private long receive(Exchange exchange, UploadSession session, long first, long length) throws IOException {
        long writer = session.write();
        long already = session.received() - first;
        long end =
                exchange.fault(Fault.KeepOnly.class).map(Fault.KeepOnly::bytes).orElse(Long.MAX_VALUE);
        boolean corrupt = exchange.fault(Fault.Corrupt.class).isPresent();
        var received = new long[1];
        try {
            exchange.read(bytes -> {
                long at = received[0];
                received[0] += bytes.remaining();
                if (length >= 0 && received[0] > length) {
                    throw Refusal.invalid(
                            "the body has more than the " + length + " bytes that Content-Range announces");
                }
                int skip = (int) Math.max(0, Math.min(bytes.remaining(), already - at));
                exchange.repeated(Math.min(already, received[0]));
                bytes.position(bytes.position() + skip);
                bytes.limit(bytes.position() + (int) Math.max(0, Math.min(bytes.remaining(), end - at - skip)));
                if (corrupt && at == 0 && bytes.hasRemaining()) {
                    bytes.put(bytes.position(), (byte) ~bytes.get(bytes.position()));
                }
                session.append(writer, bytes);
            });
            if (length >= 0 && received[0] < length) {
                throw Refusal.invalid("the body has only " + received[0] + " of the " + length + " bytes announced");
            }
        } catch (IOException | RuntimeException e) {
            session.breakOff(writer);
            throw e;
        }
        session.keep(writer);
        return received[0] > end ? -1 : received[0];
    }

    private void incomplete(Exchange exchange, String id, UploadSession session) throws IOException {
        long received = session.received();
        if (received > 0 && exchange.fault(Fault.HideRange.class).isEmpty()) {
            exchange.header(HttpHeader.RANGE, "bytes=0-" + (received - 1));
        }
        Optional<Fault.MoveSession> move = exchange.fault(Fault.MoveSession.class);
        if (move.isPresent()) {
            if (move.get().forgetOld()) {
                open.remove(id, session);
                gone.put(id, 404);
            }
            exchange.header(HttpHeader.LOCATION, address(exchange, newId(session)));
        }
        exchange.empty(308);
    }

    private UploadSession session(String id) {
        expire(id);
        Integer status = gone.get(id);
        UploadSession session = open.get(id);
        if (status != null || session == null) {
            // 404: Drive's guide, "the upload session has expired and the upload must be restarted". 410: GCS.
            int code = status == null ? 404 : status;
            throw new Refusal(code, code == 410 ? "gone" : "notFound", code == 410 ? "Gone" : "Not Found").plain();
        }
        return session;
    }

    private void expire(String id) {
        UploadSession session = open.get(id);
        Instant now = options.clock().instant();
        if (session != null && now.isAfter(session.lastUsed().plus(options.sessionLife()))) {
            forget(id, expired);
        }
    }

    private void forget(String id, int status) {
        UploadSession session = open.get(id);
        if (session != null) {
            // It may have moved, and is gone under all its addresses.
            open.forEach((address, there) -> {
                if (there.equals(session) && open.remove(address, there)) {
                    gone.put(address, status);
                }
            });
            session.discard();
        }
    }

    private String newId(UploadSession session) {
        String id = Secrets.word("", 96);
        open.put(id, session);
        return id;
    }

    private static String address(Exchange exchange, String id) {
        String name = exchange.param("name");
        return exchange.base() + exchange.path() + "?uploadType=resumable"
                + (name == null ? "" : "&name=" + Exchange.encoded(name)) + "&upload_id=" + id;
    }
}
