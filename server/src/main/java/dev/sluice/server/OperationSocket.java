package dev.sluice.server;

import dev.sluice.core.BatchId;
import dev.sluice.core.Event;
import dev.sluice.core.JobId;
import dev.sluice.core.Progress;
import dev.sluice.realtime.CloseCode;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.JobListener;
import dev.sluice.wire.Json;
import dev.sluice.wire.OperationMessage;
import dev.sluice.wire.OperationProgress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A desktop program that watches one file operation. Wire contract §4.
///
/// It is told how far the operation is, never what has happened meanwhile: what changes while a message is on its way
/// is
/// in the next one. So a program that reads slowly gets fewer, and one message is all that ever waits for it.
final class OperationSocket extends ControlSocket implements JobListener {
    static final String PATH = "/ws/operations";

    private static final Logger log = LoggerFactory.getLogger(OperationSocket.class);
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final OperationSockets sockets;
    private final Object lock = new Object();

    private @Nullable Watch watch;
    private OperationMessage.@Nullable Ping ping;
    private boolean changed;
    private boolean urgent;
    private boolean working;
    private boolean waiting;
    private boolean draining;
    private boolean gone;
    private long toldNanos = System.nanoTime() - BETWEEN_NANOS;
    private long workingSince;

    /// What is watched.
    private static final class Watch {
        final BatchId batch;
        volatile @Nullable JobId job;
        volatile Hub.@Nullable Registration following;
        volatile @Nullable Progress last;
        /// What was said when it had ended, so that it is said once.
        @Nullable
        Object end;

        Watch(BatchId batch) {
            this.batch = batch;
        }
    }

    OperationSocket(OpenSockets all, Limits limits, OperationSockets sockets) {
        super(all, limits);
        this.sockets = sockets;
    }

    @Override
    void begun() {
        sockets.opened(this);
    }

    @Override
    void told(String message) {
        switch (OperationMessage.parse(message, System.currentTimeMillis())) {
            case OperationMessage.Register register -> watch(register.batch());
            case OperationMessage.Ping asked -> {
                synchronized (lock) {
                    ping = asked;
                }
                next();
            }
            case OperationMessage.Unknown unknown -> log.debug("passed over a message that nobody knows: {}", unknown);
            case OperationMessage.Invalid invalid -> end(CloseCode.REFUSED, invalid.why());
        }
    }

    private void watch(BatchId batch) {
        var mine = new Watch(batch);
        Watch before;
        synchronized (lock) {
            if (gone) {
                return;
            }
            before = watch;
            watch = mine;
            changed = true;
            urgent = true;
        }
        leave(before);
        sockets.await(batch, this);
        next();
    }

    private void leave(@Nullable Watch left) {
        if (left != null) {
            sockets.forget(left.batch, this);
            Hub.Registration following = left.following;
            if (following != null) {
                following.close();
            }
        }
    }

    // ---- What happens

    /// The batch that is watched has come into being.
    void created() {
        change(true);
    }

    @Override
    public void event(Event event) {
        switch (event.type()) {
            case COMPLETED, FAILED, CANCELLED -> change(true);
            case STARTED, STAGE, FACTS, PAUSED, RESUMED, RETRYING -> change(false);
            case CREATED, NOTE, CLEANED, REMOVED -> log.trace("nothing to tell of {}", event.type());
        }
    }

    @Override
    public void progress(Progress latest) {
        synchronized (lock) {
            Watch mine = watch;
            if (mine == null || !latest.job().equals(mine.job)) {
                return;
            }
            mine.last = latest;
        }
        change(false);
    }

    private void change(boolean now) {
        synchronized (lock) {
            changed = true;
            urgent |= now;
        }
        next();
    }

    /// The node goes down: the last word is still told, then it is over.
    void drain() {
        synchronized (lock) {
            draining = true;
            changed |= watch != null;
            urgent = true;
        }
        next();
    }

    // ---- What is told

    /// Begins what is to be done next, unless something is under way.
    private void next() {
        OperationMessage.Ping answered;
        Watch told = null;
        long wait = 0;
        synchronized (lock) {
            if (working || gone) {
                return;
            }
            answered = ping;
            ping = null;
            if (answered == null && changed) {
                wait = urgent ? 0 : toldNanos + BETWEEN_NANOS - System.nanoTime();
                if (wait > 0) {
                    if (waiting) {
                        return;
                    }
                    waiting = true;
                } else {
                    told = watch;
                    changed = false;
                    urgent = false;
                }
            }
            working = answered != null || told != null;
            workingSince = System.nanoTime();
        }
        if (answered != null) {
            send(answered.answer(), whenSent());
        } else if (told != null) {
            Watch mine = told;
            Thread.ofVirtual().name("operation-socket").start(() -> tell(mine));
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

    private Callback whenSent() {
        return Callback.from(this::done, failure -> {
            log.debug("a message could not be sent", failure);
            done();
        });
    }

    private void done() {
        synchronized (lock) {
            working = false;
        }
        next();
    }

    private void tell(Watch mine) {
        try {
            Optional<OperationProgress> message = message(mine);
            if (message.isPresent() && isStill(mine)) {
                send(Json.text(message.get()), whenSent());
                return;
            }
        } catch (RuntimeException e) {
            log.warn("how far the operation of batch {} is could not be told", mine.batch, e);
        }
        done();
    }

    private boolean isStill(Watch mine) {
        synchronized (lock) {
            toldNanos = System.nanoTime();
            return mine == watch;
        }
    }

    private Optional<OperationProgress> message(Watch mine) {
        JobId job = mine.job;
        if (job == null) {
            job = sockets.job(mine.batch).orElse(null);
            if (job == null) {
                return Optional.empty();
            }
            follow(mine, job);
        }
        OperationSockets.Seen seen = sockets.seen(job, mine.last).orElse(null);
        if (seen == null || (seen.end() != null && seen.end().equals(mine.end))) {
            return Optional.empty();
        }
        mine.end = seen.end();
        return Optional.of(seen.progress());
    }

    private void follow(Watch mine, JobId job) {
        sockets.forget(mine.batch, this);
        mine.job = job;
        Hub.Registration following = sockets.follow(job, this);
        mine.following = following;
        boolean over;
        synchronized (lock) {
            over = gone || mine != watch;
        }
        if (over) {
            following.close();
        }
    }

    // ---- How it ends

    /// Shows that the connection lives, or ends it where its client has not read for too long.
    void beat(Duration longest) {
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
    void end(CloseCode code, String reason) {
        close(code, reason);
    }

    @Override
    void gone(@Nullable CloseStatus status) {
        Watch left;
        synchronized (lock) {
            gone = true;
            left = watch;
        }
        sockets.closed(this);
        leave(left);
    }
}
