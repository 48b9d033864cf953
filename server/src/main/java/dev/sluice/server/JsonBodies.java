package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Bounds what the bodies of all JSON requests take in memory together. A request holds the length of its body
/// from before that is read until it is answered; a body of unknown length counts as the longest. Whoever finds
/// no room waits a while for it, then is sent away. Small bodies go by: their number is bounded by that of the
/// connections.
///
/// What a request did not want of its body is thrown away before it ends, so that its answer arrives.
final class JsonBodies extends Handler.Wrapper {
    static final long MAX_BYTES = 16L << 20;
    private static final long MAX_BYTES_TOGETHER = 64L << 20;
    private static final long SMALL_BYTES = 64L << 10;

    private final Semaphore room;
    private final Duration patience;

    JsonBodies(Handler next, Duration patience) {
        super(next);
        this.room = new Semaphore((int) MAX_BYTES_TOGETHER, true);
        this.patience = patience;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        int bytes = counted(request);
        if (bytes == 0) {
            return request.getLength() > 0
                    ? super.handle(new Kept(request, response), response, afterBody(request, callback))
                    : super.handle(request, response, callback);
        }
        if (!room.tryAcquire(bytes, patience.toMillis(), TimeUnit.MILLISECONDS)) {
            Answers.problemAndClose(
                    response,
                    callback,
                    new Problem(
                            ErrorCode.OUT_OF_SLOTS,
                            "the bodies of other requests take all the room that there is for them; try again"),
                    rest -> BodyReader.discard(request, rest));
            return true;
        }
        var held = new AtomicBoolean(true);
        Runnable release = () -> {
            if (held.compareAndSet(true, false)) {
                room.release(bytes);
            }
        };
        boolean handled = false;
        try {
            handled = super.handle(
                    new Kept(request, response), response, Callback.from(release, afterBody(request, callback)));
            return handled;
        } finally {
            if (!handled) {
                release.run();
            }
        }
    }

    private static Callback afterBody(Request request, Callback callback) {
        return Callback.from(() -> BodyReader.discard(request, callback), callback::failed);
    }

    private static int counted(Request request) {
        long length = request.getLength();
        if (length < 0) {
            length = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING) ? MAX_BYTES : 0;
        }
        return length <= SMALL_BYTES ? 0 : (int) Math.min(length, MAX_BYTES);
    }

    /// A request whose body can still be read on when its handler has answered: a servlet that ends reads what has
    /// come, and where that was not all, Jetty lets every later read fail.
    private static final class Kept extends Request.Wrapper {
        private final Response response;
        private volatile boolean ended;

        Kept(Request request, Response response) {
            super(request);
            this.response = response;
        }

        @Override
        public Content.@Nullable Chunk read() {
            Content.Chunk chunk = super.read();
            if (chunk != null && chunk.isLast()) {
                ended = true;
            }
            return chunk;
        }

        @Override
        public boolean consumeAvailable() {
            if (!ended) {
                response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
            }
            return ended;
        }
    }
}
