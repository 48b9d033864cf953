package dev.sluice.server;

import dev.sluice.realtime.CloseCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.internal.Parser;
import org.jspecify.annotations.Nullable;

/// The connection under an [UploadSocket]. Jetty's own reads and unmasks on its threads and hands each frame on;
/// here a byte is read, unmasked and written to the storage by one thread (docs/performance.md). A frame's payload is
/// valid until [UploadSocket] returns from it.
///
/// It stands on Jetty's internal parser, as [UploadUpgrade] on its internal handshake: look at both where Jetty is
/// updated.
final class UploadConnection extends WebSocketConnection {
    /// Longs that stay in the first cache of a core.
    private static final int PIECE = 1 << 10;

    /// Pieces that nobody uses just now: made anew for every frame they are two fifths of all that a server with a
    /// thousand slow uploads allocates.
    private static final Queue<long[]> IDLE = new ArrayBlockingQueue<>(16);

    private final UploadSocket socket;
    private final WebSocketCoreSession session;
    private final ByteBufferPool buffers;
    private final Parser parser;
    /// Runs on the thread that notices the bytes: it blocks nobody.
    private final Callback readable =
            Callback.from(Invocable.InvocationType.NON_BLOCKING, this::onFillable, this::onFillInterestedFailed);
    private final AtomicInteger signals = new AtomicInteger();
    private final @Nullable Paces paces;
    private final @Nullable Pace pace;
    private volatile boolean demanded;
    private volatile boolean untilEnd;
    private volatile boolean awaited;
    private volatile boolean closed;

    // Of the reading step, of which there is one at a time.
    private boolean over;
    private long turnEnds;
    private @Nullable RetainableByteBuffer input;

    /// @param paces look at how fast the client is; null: nobody does
    UploadConnection(EndPoint endPoint, Connector connector, WebSocketCoreSession session, @Nullable Paces paces) {
        super(endPoint, connector.getExecutor(), connector.getScheduler(), connector.getByteBufferPool(), session);
        this.socket = (UploadSocket) session.getHandler();
        this.session = session;
        this.buffers = connector.getByteBufferPool();
        this.parser = new UnmaskingParser(buffers, session);
        this.paces = paces;
        this.pace = paces == null ? null : paces.begin(() -> socket.close(CloseCode.REFUSED, paces.why()));
    }

    /// What the client sent right behind its request.
    @Override
    protected void setInitialBuffer(ByteBuffer initial) {
        RetainableByteBuffer.Mutable first = buffers.acquire(initial.remaining(), isUseInputDirectByteBuffers());
        first.append(initial);
        input = first;
    }

    @Override
    public void demand() {
        demanded = true;
        signal();
    }

    /// The peer has closed: what still comes is read to its end.
    @Override
    public void cancelDemand() {
        untilEnd = true;
        signal();
    }

    @Override
    public void onFillable() {
        awaited = false;
        if (pace != null) {
            pace.goesOn();
        }
        signal();
    }

    @Override
    public void onClose(Throwable cause) {
        super.onClose(cause);
        if (paces != null && pace != null) {
            paces.end(pace);
        }
        closed = true;
        signal();
    }

    /// Something has changed that the reading step has to look at: the first signal starts it, later ones make it look
    /// once more. Since a step that is under way is never started again, nobody else reads.
    private void signal() {
        if (signals.getAndIncrement() == 0) {
            socket.read(this::answerSignals);
        }
    }

    /// Goes on elsewhere where the commit has begun, which needs the thread, and at the back of the queue where it has
    /// had its turn: a client that is faster than the disk would never let go of the thread.
    private void answerSignals() {
        boolean committing = socket.committing();
        turnEnds = System.nanoTime() + Lane.TURN_NANOS;
        int seen;
        do {
            seen = signals.get();
            readOn(committing);
            if (socket.committing() != committing || turnOver()) {
                socket.read(this::answerSignals);
                return;
            }
        } while (signals.addAndGet(-seen) != 0);
    }

    /// What waits for its turn is not idle.
    @Override
    public boolean onIdleExpired(TimeoutException timeout) {
        return signals.get() == 0 && super.onIdleExpired(timeout);
    }

    private void readOn(boolean committing) {
        try {
            while (mayRead() && socket.committing() == committing) {
                Frame.Parsed frame = next();
                if (frame != null) {
                    demanded = false;
                    session.onFrame(frame, Callback.from(frame::close, cause -> {
                        frame.close();
                        session.processHandlerError(cause, Callback.NOOP);
                    }));
                }
            }
        } catch (Throwable e) {
            // An error too: nobody would ever close what this connection holds.
            over = true;
            session.processConnectionError(e, Callback.NOOP);
        } finally {
            RetainableByteBuffer buffer = input;
            if (buffer != null && (over || closed || !buffer.hasRemaining())) {
                buffer.release();
                input = null;
            }
        }
    }

    private boolean mayRead() {
        return !over && !closed && !awaited && !turnOver() && (demanded || untilEnd);
    }

    private boolean turnOver() {
        return System.nanoTime() - turnEnds > 0;
    }

    /// The next frame, or null where one has to be waited for or there is none.
    private Frame.@Nullable Parsed next() throws IOException {
        RetainableByteBuffer buffer = input;
        if (buffer == null) {
            buffer = buffers.acquire(getInputBufferSize(), isUseInputDirectByteBuffers());
            input = buffer;
        }
        while (true) {
            if (buffer.hasRemaining()) {
                Frame.Parsed frame = parser.parse(buffer.getByteBuffer());
                if (frame != null) {
                    return frame;
                }
            }
            if (buffer.capacity() < getInputBufferSize()) {
                // It came with the request, or while all large ones were taken.
                buffer.release();
                buffer = buffers.acquire(getInputBufferSize(), isUseInputDirectByteBuffers());
                input = buffer;
            }
            buffer.getByteBuffer().clear().limit(0);
            int count = getEndPoint().fill(buffer.getByteBuffer());
            if (count < 0) {
                over = true;
                session.onEof();
                return null;
            }
            if (count == 0) {
                awaited = true;
                buffer.release();
                input = null;
                if (pace != null) {
                    pace.waits(0);
                }
                fillInterested(readable);
                return null;
            }
            if (pace != null) {
                pace.came(count);
            }
        }
    }

    private static final class UnmaskingParser extends Parser {
        UnmaskingParser(ByteBufferPool buffers, WebSocketCoreSession session) {
            super(buffers, session);
        }

        @Override
        protected Frame.Parsed newFrame(
                byte firstByte, byte @Nullable [] mask, @Nullable ByteBuffer payload, @Nullable Runnable releaser) {
            if (mask != null && payload != null) {
                unmask(payload, mask);
            }
            return new UnmaskedFrame(firstByte, mask, payload, releaser);
        }
    }

    /// In pieces, as an array of longs: whatever reads a buffer's longs where it lies depends on what the compiler
    /// makes of it, and differs from start to start (docs/performance.md).
    private static void unmask(ByteBuffer payload, byte[] mask) {
        int key = ByteBuffer.wrap(mask).order(ByteOrder.nativeOrder()).getInt();
        long keys = ((long) key << 32) | Integer.toUnsignedLong(key);
        LongBuffer longs = payload.slice().order(ByteOrder.nativeOrder()).asLongBuffer();
        long[] idle = IDLE.poll();
        long[] piece = idle == null ? new long[PIECE] : idle;
        while (longs.hasRemaining()) {
            int at = longs.position();
            int count = Math.min(piece.length, longs.remaining());
            longs.get(piece, 0, count);
            for (int i = 0; i < count; i++) {
                piece[i] ^= keys;
            }
            longs.put(at, piece, 0, count);
        }
        var unused = IDLE.offer(piece);
        int rest = payload.remaining() % Long.BYTES;
        for (int i = 0; i < rest; i++) {
            int at = payload.limit() - rest + i;
            payload.put(at, (byte) (payload.get(at) ^ mask[i & 3]));
        }
    }

    private static final class UnmaskedFrame extends Frame.Parsed {
        UnmaskedFrame(
                byte firstByte, byte @Nullable [] mask, @Nullable ByteBuffer payload, @Nullable Runnable releaser) {
            super(firstByte, mask, payload, releaser);
        }

        @Override
        public void demask() {}
    }
}
