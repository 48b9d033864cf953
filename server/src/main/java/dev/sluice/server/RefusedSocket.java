package dev.sluice.server;

import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Frame;
import org.jspecify.annotations.Nullable;

/// A socket that is closed as soon as it is open: of a handshake that fails a browser tells its page nothing.
final class RefusedSocket extends Socket {
    private final Admission.Refusal why;

    RefusedSocket(OpenSockets all, Admission.Refusal why) {
        super(all);
        this.why = why;
    }

    @Override
    void opened() {
        close(why.code(), why.reason());
        demand();
    }

    @Override
    void data(Frame frame, Callback done) {
        done.succeeded();
        demand();
    }

    @Override
    void gone(@Nullable CloseStatus status) {
        // It was nothing to anybody.
    }
}
