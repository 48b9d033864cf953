package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

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
            return super.handle(request, response, request.getLength() > 0 ? afterBody(request, callback) : callback);
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
            handled = super.handle(request, response, Callback.from(release, afterBody(request, callback)));
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
}
