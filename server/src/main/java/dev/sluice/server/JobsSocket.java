package dev.sluice.server;

import dev.sluice.core.ProblemException;
import dev.sluice.realtime.CloseCode;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.Message;
import dev.sluice.realtime.Watcher;
import dev.sluice.wire.WatcherMessage;
import java.nio.ByteBuffer;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.jspecify.annotations.Nullable;

/// `/ws/jobs`: live events of jobs. Wire contract §5.
final class JobsSocket extends ControlSocket implements Connection {
    private final Hub hub;
    private final WatchRequest request;
    private @Nullable Watcher watcher;

    JobsSocket(OpenSockets all, Hub hub, WatchRequest request, Limits limits) {
        super(all, limits);
        this.hub = hub;
        this.request = request;
    }

    @Override
    void begun() {
        try {
            watcher = request.join(hub, this, caller());
        } catch (ProblemException e) {
            close(CloseCode.REFUSED, e.problem().code().code());
        }
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
    void told(String message) {
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

    @Override
    void end(CloseCode code, String reason) {
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
