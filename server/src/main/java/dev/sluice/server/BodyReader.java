package dev.sluice.server;

import dev.sluice.core.Outcome;
import dev.sluice.core.Stopped;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a request's body piece by piece on the threads of a storage, which never wait for the client there: a
/// step runs when there is something to read.
///
/// A request that was answered before its body had come is read on and thrown away, for a while: were the
/// connection closed with bytes unread, the client would be reset before it has seen the answer.
final class BodyReader {
    private static final Logger log = LoggerFactory.getLogger(BodyReader.class);
    private static final long DISCARD_BYTES = 64L << 20;
    private static final long DISCARD_SECONDS = 2;
    private static final Executor VIRTUAL = Thread::startVirtualThread;

    private final Request request;
    private final Lane lane;
    private final @Nullable Sink sink;
    private final AtomicBoolean discardedEnough = new AtomicBoolean();
    /// Where the next piece is to be taken, and where this one is.
    private volatile Executor where;
    private Executor here;
    private boolean paused;
    private boolean over;
    private boolean demanded;
    private boolean discarding;
    private long discarded;
    private @Nullable Runnable whenOver;
    /// Runs on the thread that notices the bytes: it blocks nobody.
    private final Runnable readable;

    /// Takes the body; all calls come on the lane, one at a time.
    interface Sink {
        void take(Content.Chunk chunk);

        void end();

        /// The client is gone, or silent for too long.
        void broken(Throwable cause);
    }

    BodyReader(Request request, Lane lane, Executor where, Sink sink) {
        this(request, lane, where, sink, false);
    }

    private BodyReader(Request request, Lane lane, Executor where, @Nullable Sink sink, boolean discarding) {
        this.request = request;
        this.lane = lane;
        this.where = where;
        this.here = where;
        this.sink = sink;
        this.discarding = discarding;
        this.readable = Invocable.from(Invocable.InvocationType.NON_BLOCKING, () -> lane.run(this.where, this::read));
    }

    /// Completes `callback` once the body of a request that was answered without it has been read, or enough of
    /// it.
    static void discard(Request request, Callback callback) {
        new BodyReader(request, new Lane(), VIRTUAL, null, true).discard(callback);
    }

    /// Lets go of what a body went into. Its request is answered whatever becomes of that: what fails here is done
    /// by the sweep.
    ///
    /// @param whose the job or the batch
    static void letGo(Object whose, Runnable how) {
        try {
            how.run();
        } catch (Stopped e) {
            log.debug("[{}] decided otherwise meanwhile: {}", whose, e.reason());
        } catch (RuntimeException e) {
            log.warn("[{}] what a request had begun could not be let go of; the sweep will do it", whose, e);
        }
    }

    void start() {
        lane.run(where, this::read);
    }

    /// Does a step on other threads, on which all that is read from now on is taken as well: what a piece is for may
    /// show only in its middle, and then its rest waits for them. To be called on the lane.
    void on(Executor threads, Runnable step) {
        where = threads;
        if (threads.equals(here)) {
            step.run();
            return;
        }
        Outcome.of(CompletableFuture.runAsync(step, threads));
    }

    /// Takes nothing more; to be called on the lane.
    void stop() {
        paused = true;
    }

    /// Reads on what still comes, throws it away, and completes `callback` after it.
    void discard(Callback callback) {
        Runnable enough = () -> {
            if (discardedEnough.compareAndSet(false, true)) {
                callback.succeeded();
            }
        };
        CompletableFuture.delayedExecutor(DISCARD_SECONDS, TimeUnit.SECONDS).execute(enough);
        lane.run(where, () -> {
            paused = false;
            discarding = true;
            whenOver = enough;
            if (over) {
                enough.run();
            } else if (!demanded) {
                read();
            }
        });
    }

    private void read() {
        demanded = false;
        here = where;
        long until = System.nanoTime() + Lane.TURN_NANOS;
        while (!over && !paused) {
            if (!where.equals(here) || System.nanoTime() - until > 0) {
                // Other threads are to go on; or the client is faster than the disk and would never let go of this one.
                demanded = true;
                lane.run(where, this::read);
                return;
            }
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                demanded = true;
                request.demand(readable);
                return;
            }
            take(chunk);
        }
        Runnable enough = whenOver;
        if (over && enough != null) {
            enough.run();
        }
    }

    private void take(Content.Chunk chunk) {
        Sink taker = discarding ? null : sink;
        if (Content.Chunk.isFailure(chunk)) {
            over = true;
            if (taker != null) {
                taker.broken(chunk.getFailure());
            }
            return;
        }
        boolean last = chunk.isLast();
        try {
            if (taker == null) {
                discarded += chunk.remaining();
            } else if (chunk.hasRemaining() || last) {
                taker.take(chunk);
            }
        } finally {
            chunk.release();
        }
        if (taker != null && last && !paused) {
            over = true;
            taker.end();
        } else if (last || discarded > DISCARD_BYTES) {
            over = true;
        }
    }
}
