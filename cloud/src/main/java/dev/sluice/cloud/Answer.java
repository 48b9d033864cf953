package dev.sluice.cloud;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What came back: a head, and a body that is read as it comes. Used by one thread at a time. Closed before its
/// end, it resets the connection.
public final class Answer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Answer.class);

    private static final int SCRAP = 64 << 10;

    private final Request request;
    private final InputStreamResponseListener listener;
    private final OutgoingBody sent;
    private final StopToken stop;
    private final StopToken.Registration closer;
    private @Nullable Response head;
    private boolean ended;
    private boolean closed;

    Answer(
            Request request,
            InputStreamResponseListener listener,
            OutgoingBody sent,
            StopToken stop,
            StopToken.Registration closer) {
        this.request = request;
        this.listener = listener;
        this.sent = sent;
        this.stop = stop;
        this.closer = closer;
    }

    Answer with(Response response) {
        head = response;
        return this;
    }

    private Response head() {
        Response known = head;
        if (known == null) {
            throw new IllegalStateException("no answer has come");
        }
        return known;
    }

    public int status() {
        return head().getStatus();
    }

    public String reason() {
        String reason = head().getReason();
        return reason == null ? "" : reason;
    }

    public Map<String, List<String>> headers() {
        var headers = new LinkedHashMap<String, List<String>>();
        head().getHeaders()
                .forEach(field -> headers.merge(
                        field.getName(), List.of(field.getValue() == null ? "" : field.getValue()), Answer::joined));
        return headers;
    }

    private static List<String> joined(List<String> one, List<String> more) {
        return java.util.stream.Stream.concat(one.stream(), more.stream()).toList();
    }

    /// The body, whose close closes this answer.
    public InputStream body() {
        return new Body(listener.getInputStream());
    }

    private final class Body extends InputStream {
        private final InputStream from;
        private long count;

        Body(InputStream from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            stop.check();
            try {
                int some = from.read(target, offset, length);
                if (some < 0) {
                    ended = true;
                } else {
                    count += some;
                }
                return some;
            } catch (IOException e) {
                stop.check();
                throw e;
            }
        }

        /// A little that was not read is read and thrown away, so that the connection can be used again.
        @Override
        public void close() throws IOException {
            try {
                if (!closed && !ended && !stop.stopped() && left() <= SCRAP) {
                    ended = readNBytes(SCRAP + 1).length <= SCRAP;
                }
            } finally {
                Answer.this.close();
            }
        }

        private long left() {
            long length = head().getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
            return length < 0 ? 0 : length - count;
        }
    }

    /// Once it returns, the buffers that were sent belong to the caller again.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        sent.shut(OutgoingBody.over());
        if (!ended) {
            var unused = request.abort(OutgoingBody.over());
        }
        closer.close();
        if (!sent.awaitIdle(OutgoingBody.PATIENCE)) {
            log.warn("a connection to {} does not let go of what it was sending", request.getHost());
            throw new IllegalStateException("a buffer is still being sent");
        }
    }
}
