package dev.sluice.server;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends content that is read on the threads of its storage, a piece at a time: the next one is read when the
/// last one has left.
final class ContentSender {
    private static final Logger log = LoggerFactory.getLogger(ContentSender.class);
    private static final int PIECE = 256 << 10;

    private final Source source;
    private final long length;
    private final Response response;
    private final Callback callback;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE);
    private long sent;

    /// Where the content comes from; read by one thread at a time.
    interface Source extends AutoCloseable {
        /// Where the next call has to run: the threads of the storage that it reads from.
        Executor where();

        /// Reads some bytes into `target`, perhaps none before it goes on elsewhere, or returns -1 at the end.
        int read(ByteBuffer target);

        @Override
        void close();
    }

    ContentSender(Source source, long length, Response response, Callback callback) {
        this.source = source;
        this.length = length;
        this.response = response;
        this.callback = callback;
    }

    void start() {
        next();
    }

    private void next() {
        try {
            Executor where = source.where();
            where.execute(() -> step(where));
        } catch (RejectedExecutionException e) {
            fail(e);
        }
    }

    private void step(Executor here) {
        try {
            piece.clear();
            while (piece.hasRemaining() && source.where().equals(here) && source.read(piece) >= 0) {
                // Until the piece is full, the content ends, or it goes on in another storage.
            }
            if (piece.position() == 0 && !source.where().equals(here)) {
                next();
                return;
            }
            piece.flip();
            sent += piece.remaining();
            if (sent < length && !piece.hasRemaining()) {
                fail(new IllegalStateException("the content ended " + (length - sent) + " bytes early"));
                return;
            }
            boolean last = sent >= length;
            response.write(last, piece, Callback.from(() -> sent(last), this::fail));
        } catch (RuntimeException e) {
            log.warn("content could not be read to its end", e);
            fail(e);
        }
    }

    private void sent(boolean last) {
        if (last) {
            source.close();
            callback.succeeded();
        } else {
            next();
        }
    }

    private void fail(Throwable cause) {
        source.close();
        callback.failed(cause);
    }
}
