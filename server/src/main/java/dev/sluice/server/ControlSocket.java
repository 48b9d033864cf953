package dev.sluice.server;

import dev.sluice.realtime.CloseCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;

/// A socket whose client sends short texts, few at a time, to say what it wants to be told.
abstract class ControlSocket extends Socket {
    private final Limits limits;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream(0);
    private long secondBegan = System.nanoTime();
    private int inThisSecond;

    /// What one client may send, and how long its connection may be silent.
    record Limits(int messagesPerSecond, long maxMessageSize, Duration idleTimeout) {}

    ControlSocket(OpenSockets all, Limits limits) {
        super(all);
        this.limits = limits;
    }

    /// The connection is there; no message has been read.
    abstract void begun();

    /// The client has sent a message.
    abstract void told(String message);

    /// Closes the socket for what its client did.
    abstract void end(CloseCode code, String reason);

    @Override
    final void opened() {
        core().setIdleTimeout(limits.idleTimeout());
        begun();
        demand();
    }

    @Override
    final void data(Frame frame, Callback done) {
        if (frame.getOpCode() == OpCode.BINARY) {
            done.succeeded();
            end(CloseCode.REFUSED, "only text messages are taken here");
            demand();
            return;
        }
        if (frame.getOpCode() == OpCode.TEXT) {
            text.reset();
        }
        ByteBuffer piece = frame.getPayload();
        if (text.size() + piece.remaining() > limits.maxMessageSize()) {
            done.succeeded();
            end(CloseCode.MESSAGE_TOO_LARGE, "a message has at most " + limits.maxMessageSize() + " bytes");
            demand();
            return;
        }
        var bytes = new byte[piece.remaining()];
        piece.get(bytes);
        text.write(bytes, 0, bytes.length);
        done.succeeded();
        if (frame.isFin()) {
            String message = text.toString(StandardCharsets.UTF_8);
            text.reset();
            if (tooMany()) {
                end(CloseCode.TOO_MANY_MESSAGES, "at most " + limits.messagesPerSecond() + " messages per second");
            } else {
                told(message);
            }
        }
        demand();
    }

    private boolean tooMany() {
        long now = System.nanoTime();
        if (now - secondBegan >= TimeUnit.SECONDS.toNanos(1)) {
            secondBegan = now;
            inThisSecond = 0;
        }
        return ++inThisSecond > limits.messagesPerSecond();
    }
}
