package dev.sluice.server;

import dev.sluice.core.ProblemException;
import dev.sluice.realtime.CloseCode;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.Message;
import dev.sluice.realtime.Watcher;
import dev.sluice.wire.WatcherMessage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;

/// `/ws/jobs`: live events of jobs. Wire contract §5.
final class JobsSocket extends Socket implements Connection {
    private final Hub hub;
    private final WatchRequest request;
    private final Limits limits;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream(0);
    private @Nullable Watcher watcher;
    private long secondBegan = System.nanoTime();
    private int inThisSecond;

    /// What one watcher may send.
    record Limits(int messagesPerSecond, long maxMessageSize, Duration idleTimeout) {}

    JobsSocket(OpenSockets all, Hub hub, WatchRequest request, Limits limits) {
        super(all);
        this.hub = hub;
        this.request = request;
        this.limits = limits;
    }

    @Override
    void opened() {
        core().setIdleTimeout(limits.idleTimeout());
        try {
            watcher = request.join(hub, this);
        } catch (ProblemException e) {
            close(CloseCode.REFUSED, e.problem().code().code());
        }
        demand();
    }

    @Override
    public void send(Message message, Completion done) {
        send(ByteBuffer.wrap(message.text()), Callback.from(done::sent, done::failed));
    }

    @Override
    public void ping(Completion done) {
        sendPing(Callback.from(done::sent, done::failed));
    }

    @Override
    void data(Frame frame, Callback done) {
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
                obey(message);
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

    private void obey(String message) {
        Watcher mine = watcher;
        if (mine == null) {
            return;
        }
        try {
            switch (WatcherMessage.parse(message)) {
                case WatcherMessage.Subscribe subscribe -> mine.subscribe(subscribe.jobs());
                case WatcherMessage.Unsubscribe unsubscribe -> mine.unsubscribe(unsubscribe.jobs());
                case WatcherMessage.Ping ping -> mine.pong();
                case WatcherMessage.Invalid invalid -> end(CloseCode.REFUSED, invalid.why());
            }
        } catch (ProblemException e) {
            end(CloseCode.REFUSED, e.problem().code().code());
        }
    }

    private void end(CloseCode code, String reason) {
        Watcher mine = watcher;
        if (mine != null) {
            mine.close(code, reason);
        } else {
            close(code, reason);
        }
    }

    @Override
    void gone(@Nullable CloseStatus status) {
        Watcher mine = watcher;
        if (mine != null) {
            mine.leave();
        }
    }
}
