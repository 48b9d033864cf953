package dev.sluice.server;

import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/// Reads a request's body piece by piece on the threads of a storage, which never wait for the client there: a
/// step runs when there is something to read.
final class BodyReader {
    private final Request request;
    private final Lane lane;
    private final Executor where;
    private final Sink sink;
    private boolean over;

    /// Takes the body; all calls come on the lane, one at a time.
    interface Sink {
        void take(Content.Chunk chunk);

        void end();

        /// The client is gone, or silent for too long.
        void broken(Throwable cause);
    }

    BodyReader(Request request, Lane lane, Executor where, Sink sink) {
        this.request = request;
        this.lane = lane;
        this.where = where;
        this.sink = sink;
    }

    void start() {
        lane.run(where, this::read);
    }

    /// Reads no more; to be called on the lane.
    void stop() {
        over = true;
    }

    private void read() {
        while (!over) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(() -> lane.run(where, this::read));
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                over = true;
                sink.broken(chunk.getFailure());
                return;
            }
            boolean last = chunk.isLast();
            try {
                if (chunk.hasRemaining() || last) {
                    sink.take(chunk);
                }
            } finally {
                chunk.release();
            }
            if (last && !over) {
                over = true;
                sink.end();
            }
        }
    }
}
