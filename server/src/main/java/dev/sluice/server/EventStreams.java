package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.realtime.CloseCode;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.Message;
import dev.sluice.realtime.Position;
import dev.sluice.realtime.Watcher;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// `GET /api/v1/events`: live events of jobs as Server-Sent Events. Wire contract §5.
final class EventStreams {
    private static final ByteBuffer COMMENT =
            ByteBuffer.wrap(":\n\n".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

    private final Hub hub;
    private final OpenSockets open;
    private final Seats seats;

    EventStreams(Hub hub, OpenSockets open, Seats seats) {
        this.hub = hub;
        this.open = open;
        this.seats = seats;
    }

    /// @throws ProblemException `limit_exceeded` where the client has too many
    void open(Request request, Response response, Callback callback) {
        Seats.Seat seat = seats.of(request);
        if (!seat.take()) {
            throw new ProblemException(ErrorCode.LIMIT_EXCEEDED, seats.why(), Map.of(Problem.RETRY_AFTER, 1));
        }
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Accel-Buffering", "no");
        Admission admission = Admission.noted(request);
        var stream = new Stream(admission, response, Callback.from(callback, seat::leave));
        open.opened(stream);
        request.addFailureListener(failure -> stream.gone());
        request.addIdleTimeoutListener(timeout -> false);
        try {
            stream.watcher = WatchRequest.of(request).join(hub, stream, admission.caller());
        } catch (RuntimeException e) {
            seat.leave();
            throw e;
        }
        if (stream.over.get()) {
            stream.gone();
        }
    }

    private final class Stream implements Connection, OpenSockets.Admitted {
        private final Admission admission;
        private final Response response;
        private final Callback callback;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile @Nullable Watcher watcher;

        Stream(Admission admission, Response response, Callback callback) {
            this.admission = admission;
            this.response = response;
            this.callback = callback;
        }

        @Override
        public void send(Message message, Completion done) {
            Position position = message.position();
            var head = new StringBuilder();
            if (position != null) {
                head.append("id: ").append(position).append('\n');
            }
            head.append("data: ");
            byte[] start = head.toString().getBytes(StandardCharsets.UTF_8);
            byte[] text = message.text();
            var frame = ByteBuffer.allocate(start.length + text.length + 2);
            frame.put(start).put(text).put((byte) '\n').put((byte) '\n').flip();
            write(frame, done);
        }

        @Override
        public void ping(Completion done) {
            write(COMMENT.duplicate(), done);
        }

        private void write(ByteBuffer frame, Completion done) {
            if (over.get()) {
                done.failed(new ClosedChannelException());
                return;
            }
            response.write(false, frame, Callback.from(done::sent, done::failed));
        }

        @Override
        public Admission admission() {
            return admission;
        }

        @Override
        public void close(CloseCode code, String reason) {
            open.closed(this);
            if (over.compareAndSet(false, true)) {
                callback.failed(new ClosedChannelException());
            }
        }

        void gone() {
            open.closed(this);
            Watcher mine = watcher;
            if (mine != null) {
                mine.leave();
            }
            if (over.compareAndSet(false, true)) {
                callback.failed(new ClosedChannelException());
            }
        }
    }
}
