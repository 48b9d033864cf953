package dev.sluice.server;

import dev.sluice.realtime.CloseCode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A socket that tells how something is, never what has happened meanwhile: what changes while a message is on its
/// way is in the next one. So a client that reads slowly gets fewer, and one message is all that ever waits for it.
abstract class LatestSocket extends ControlSocket {
    private static final Logger log = LoggerFactory.getLogger(LatestSocket.class);
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LatestSockets sockets;
    private final Object lock = new Object();

    private @Nullable String answer;
    private boolean changed;
    private boolean urgent;
    private boolean working;
    private boolean waiting;
    private boolean draining;
    private boolean gone;
    private long toldNanos = System.nanoTime() - BETWEEN_NANOS;
    private long workingSince;

    /// What there is to tell.
    ///
    /// @param end why it is the last, where it is: the socket is closed with that reason
    record Told(String text, @Nullable String end) {}

    LatestSocket(OpenSockets all, Limits limits, LatestSockets sockets) {
        super(all, limits);
        this.sockets = sockets;
    }

    /// What there is to tell just now, by one thread at a time, which may block; null: nothing.
    abstract @Nullable Told latest();

    /// Nothing is told any more.
    abstract void left();

    @Override
    void begun() {
        sockets.opened(this);
    }

    /// There may be something else to tell.
    ///
    /// @param now whether that waits for no earlier message to be some time ago
    final void change(boolean now) {
        synchronized (lock) {
            changed = true;
            urgent |= now;
        }
        next();
    }

    /// Sends an answer before anything else; an earlier one that has not been sent is dropped.
    final void answer(String text) {
        synchronized (lock) {
            answer = text;
        }
        next();
    }

    final boolean isGone() {
        synchronized (lock) {
            return gone;
        }
    }

    /// The node goes down: the last word is still told, then it is over.
    final void drain() {
        synchronized (lock) {
            draining = true;
            changed = true;
            urgent = true;
        }
        next();
    }

    /// Begins what is to be done next, unless something is under way.
    private void next() {
        String answered;
        boolean tells = false;
        long wait = 0;
        synchronized (lock) {
            if (working || gone) {
                return;
            }
            answered = answer;
            answer = null;
            if (answered == null && changed) {
                wait = urgent ? 0 : toldNanos + BETWEEN_NANOS - System.nanoTime();
                if (wait > 0) {
                    if (waiting) {
                        return;
                    }
                    waiting = true;
                } else {
                    tells = true;
                    changed = false;
                    urgent = false;
                }
            }
            working = answered != null || tells;
            workingSince = System.nanoTime();
        }
        if (answered != null) {
            send(answered, whenSent(null));
        } else if (tells) {
            Thread.ofVirtual().name("latest-socket").start(this::tell);
        } else if (wait > 0) {
            sockets.later(wait, this::waited);
        } else {
            closeWhereDrained();
        }
    }

    private void waited() {
        synchronized (lock) {
            waiting = false;
        }
        next();
    }

    private void closeWhereDrained() {
        boolean over;
        synchronized (lock) {
            over = draining && !changed;
        }
        if (over) {
            close(CloseCode.DRAINING, "draining");
        }
    }

    private void tell() {
        try {
            Told told = latest();
            synchronized (lock) {
                toldNanos = System.nanoTime();
            }
            if (told != null) {
                send(told.text(), whenSent(told.end()));
                return;
            }
        } catch (RuntimeException e) {
            log.warn("how something is could not be told", e);
        }
        done(null);
    }

    private Callback whenSent(@Nullable String end) {
        return Callback.from(() -> done(end), failure -> {
            log.debug("a message could not be sent", failure);
            done(end);
        });
    }

    private void done(@Nullable String end) {
        if (end != null) {
            close(CloseCode.DONE, end);
        }
        synchronized (lock) {
            working = false;
        }
        next();
    }

    // ---- How it ends

    /// Shows that the connection lives, or ends it where its client has not read for too long.
    final void beat(Duration longest) {
        boolean slow;
        synchronized (lock) {
            if (gone) {
                return;
            }
            slow = working && System.nanoTime() - workingSince > longest.toNanos();
            if (working && !slow) {
                return;
            }
        }
        if (slow) {
            close(CloseCode.SLOW, "slow");
        } else {
            sendPing(Callback.NOOP);
        }
    }

    @Override
    final void end(CloseCode code, String reason) {
        close(code, reason);
    }

    @Override
    final void gone(@Nullable CloseStatus status) {
        synchronized (lock) {
            gone = true;
        }
        sockets.closed(this);
        left();
    }
}
