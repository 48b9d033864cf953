package dev.sluice.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
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
/// here a byte is read, unmasked and written to the storage by one thread, which costs a third of it. A frame's
/// payload is valid until [UploadSocket] returns from it.
final class UploadConnection extends WebSocketConnection {
    private final UploadSocket socket;
    private final WebSocketCoreSession session;
    private final ByteBufferPool buffers;
    private final Parser parser;
    /// Runs on the thread that notices the bytes: it blocks nobody.
    private final Callback readable =
            Callback.from(Invocable.InvocationType.NON_BLOCKING, this::onFillable, this::onFillInterestedFailed);
    private final AtomicInteger signals = new AtomicInteger();
    private final AtomicBoolean demanded = new AtomicBoolean();
    private volatile boolean untilEnd;
    private volatile boolean awaited;
    private volatile boolean closed;
    private boolean over;
    private @Nullable RetainableByteBuffer input;

    UploadConnection(EndPoint endPoint, Connector connector, WebSocketCoreSession session) {
        super(endPoint, connector.getExecutor(), connector.getScheduler(), connector.getByteBufferPool(), session);
        this.socket = (UploadSocket) session.getHandler();
        this.session = session;
        this.buffers = connector.getByteBufferPool();
        this.parser = new UnmaskingParser(buffers, session);
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
        demanded.set(true);
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
        signal();
    }

    @Override
    public void onClose(Throwable cause) {
        super.onClose(cause);
        closed = true;
        signal();
    }

    private void signal() {
        if (signals.getAndIncrement() == 0) {
            socket.read(this::answerSignals);
        }
    }

    private void answerSignals() {
        boolean committing = socket.committing();
        int seen;
        do {
            seen = signals.get();
            readOn(committing);
            if (socket.committing() != committing) {
                socket.read(this::answerSignals);
                return;
            }
        } while (signals.addAndGet(-seen) != 0);
    }

    private void readOn(boolean committing) {
        try {
            while (!over && !closed && !awaited && socket.committing() == committing && (demanded.get() || untilEnd)) {
                Frame.Parsed frame = next();
                if (frame != null) {
                    demanded.set(false);
                    session.onFrame(frame, Callback.from(frame::close, cause -> {
                        frame.close();
                        session.processHandlerError(cause, Callback.NOOP);
                    }));
                }
            }
        } catch (IOException | RuntimeException e) {
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
                fillInterested(readable);
                return null;
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

    /// Eight bytes at a time.
    static void unmask(ByteBuffer payload, byte[] mask) {
        ByteBuffer bytes = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long key = Integer.toUnsignedLong(
                ByteBuffer.wrap(mask).order(ByteOrder.LITTLE_ENDIAN).getInt());
        long keys = (key << 32) | key;
        int position = bytes.position();
        int end = bytes.limit();
        for (; position <= end - Long.BYTES; position += Long.BYTES) {
            bytes.putLong(position, bytes.getLong(position) ^ keys);
        }
        for (int i = 0; position < end; position++, i++) {
            bytes.put(position, (byte) (bytes.get(position) ^ mask[i & 3]));
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
