package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.realtime.CloseCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A WebSocket: answers pings, sends texts, closes so that the close code arrives. After a close of ours, what
/// still comes in is read and thrown away until the peer closes too, or for a short while.
///
/// A data frame is followed by the next one only after [#demand()].
abstract class Socket implements FrameHandler, OpenSockets.Admitted {
    private static final Logger log = LoggerFactory.getLogger(Socket.class);
    private static final long DISCARD_BYTES = 64L << 20;
    static final long DISCARD_SECONDS = 2;

    private final OpenSockets all;
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile @Nullable CoreSession core;
    private volatile @Nullable CloseStatus peerClose;
    private long discarded;
    private String address = "";
    private String path = "";
    private Admission admission = Admission.refused(CloseCode.REFUSED, "nobody asked");
    private Seats.@Nullable Seat seat;
    private String noSeat = "";

    Socket(OpenSockets all) {
        this.all = all;
    }

    /// Who has opened it, from where; said before it is open.
    final Socket admit(Admission by, String from, String at) {
        admission = by;
        address = from;
        path = at;
        return this;
    }

    final String address() {
        return address;
    }

    final String path() {
        return path;
    }

    @Override
    public final Admission admission() {
        return admission;
    }

    final Caller caller() {
        return admission.caller();
    }

    /// Takes a seat when it opens; where there is none it is closed instead.
    final Socket on(Seats.Seat wanted, String otherwise) {
        seat = wanted;
        noSeat = otherwise;
        return this;
    }

    /// The connection is there; nothing is read before [#demand()].
    abstract void opened();

    /// A piece of a message. `done` must be completed once its bytes are no longer needed, then [#demand()].
    abstract void data(Frame frame, Callback done);

    /// The connection is gone.
    ///
    /// @param status what the peer closed it with, or null where it was cut or closed by us
    abstract void gone(@Nullable CloseStatus status);

    void ponged() {}

    @Override
    public final void onOpen(CoreSession session, Callback callback) {
        core = session;
        all.opened(this);
        callback.succeeded();
        if (seat != null && !seat.take()) {
            close(CloseCode.REFUSED, noSeat);
            demand();
            return;
        }
        opened();
    }

    @Override
    public final void onFrame(Frame frame, Callback callback) {
        switch (frame.getOpCode()) {
            case OpCode.PING -> {
                ByteBuffer echo = copy(frame.getPayload());
                callback.succeeded();
                // Nothing more is read before the answer has left: who sends pings and reads no pongs waits for itself.
                core().sendFrame(new Frame(OpCode.PONG, echo), Callback.from(this::demand, failed -> demand()), false);
            }
            case OpCode.PONG -> {
                callback.succeeded();
                ponged();
                demand();
            }
            case OpCode.CLOSE -> {
                if (!closing.get()) {
                    peerClose = CloseStatus.getCloseStatus(frame);
                    if (peerClose == null) {
                        peerClose = CloseStatus.NO_CODE_STATUS;
                    }
                }
                callback.succeeded();
            }
            default -> {
                if (closing.get()) {
                    discard(frame, callback);
                } else {
                    if (frame.isFin()) {
                        all.meters().received();
                    }
                    data(frame, callback);
                }
            }
        }
    }

    private void discard(Frame frame, Callback callback) {
        discarded += frame.getPayloadLength();
        callback.succeeded();
        if (discarded > DISCARD_BYTES) {
            core().abort();
        } else {
            demand();
        }
    }

    @Override
    public final void onError(Throwable cause, Callback callback) {
        log.debug("a socket failed", cause);
        all.meters().failed();
        callback.succeeded();
    }

    @Override
    public final void onClosed(CloseStatus status, Callback callback) {
        callback.succeeded();
        closing.set(true);
        all.closed(this, status.getCode());
        admission.release();
        if (seat != null) {
            seat.leave();
        }
        gone(peerClose);
    }

    final void demand() {
        core().demand();
    }

    final void send(String text, Callback callback) {
        send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), callback);
    }

    final void send(ByteBuffer utf8, Callback callback) {
        if (closing.get()) {
            callback.failed(new java.nio.channels.ClosedChannelException());
            return;
        }
        long asked = System.nanoTime();
        Callback timed = Callback.from(
                () -> {
                    all.meters().sent(System.nanoTime() - asked);
                    callback.succeeded();
                },
                callback::failed);
        core().sendFrame(new Frame(OpCode.TEXT, utf8), timed, false);
    }

    final void sendPing(Callback callback) {
        core().sendFrame(new Frame(OpCode.PING), callback, false);
    }

    /// Closes; the first close stands.
    @Override
    public final void close(CloseCode code, String reason) {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        switch (code) {
            case REFUSED, MESSAGE_TOO_LARGE, TOO_MANY_MESSAGES, EXPIRED, SLOW ->
                all.meters().refused(code.code());
            case FAILED -> all.meters().failed();
            case DONE, CANCELLED, PAUSED, DRAINING -> {}
        }
        CoreSession session = core();
        session.sendFrame(new CloseFrame(code, reason), Callback.NOOP, false);
        CompletableFuture.delayedExecutor(DISCARD_SECONDS, TimeUnit.SECONDS).execute(session::abort);
    }

    final boolean closing() {
        return closing.get();
    }

    final CoreSession core() {
        CoreSession session = core;
        if (session == null) {
            throw new IllegalStateException("the socket is not open yet");
        }
        return session;
    }

    static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }

    /// After a code that means an error Jetty would close the connection at once, under a client that still sends and
    /// would be reset before it has seen the code. So this frame passes for a usual one with Jetty.
    private static final class CloseFrame extends Frame implements CloseStatus.Supplier {
        CloseFrame(CloseCode code, String reason) {
            super(OpCode.CLOSE, true, CloseStatus.asPayloadBuffer(code.code(), reason));
        }

        @Override
        public CloseStatus getCloseStatus() {
            return CloseStatus.NORMAL_STATUS;
        }
    }
}
