package dev.sluice.realtime;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One connection that watches jobs, and its outbox: transitions in their order, then whatever progress changed
/// since it was last told. Safe for use by many threads.
///
/// Whoever puts something into the outbox of an idle watcher pumps it, and so does the completion of a send;
/// the pump has one send under way. While a watcher is being caught up it has no audience, and only its
/// [CatchUp] puts messages in.
public final class Watcher {
    /// A caught-up reader's messages wait outside until less than this is in the outbox.
    private static final int ROOM_BYTES = 64 << 10;

    private static final int FEW = 64;

    private final Hub hub;
    private final Connection connection;
    private final Connection.Completion completion = new Completion();

    /// What it wants to see; changed under the switchboard's gate only.
    volatile View view;

    /// Jobs that it is still to be shown; under the switchboard's gate only.
    Set<JobId> wishes = Set.of();

    private final Object lock = new Object();
    private ArrayDeque<Message> outbox = new ArrayDeque<>(1);
    private boolean grown;
    private int transitionBytes;
    private int bytes;
    private @Nullable Audience audience;
    private long from;
    private long toldTick;
    private boolean underWay;
    private boolean sending;
    private long since;
    private boolean pongDue;
    private boolean pingDue;
    private boolean overrun;
    private boolean closed;
    private @Nullable Thread feeder;

    Watcher(Hub hub, Connection connection, View view) {
        this.hub = hub;
        this.connection = connection;
        this.view = view;
        this.since = hub.clock().millis();
    }

    /// Sees these jobs too, as far as it may. Their documents come in a snapshot of just them, which the client
    /// adds to what it has; then everything that happens to them from that snapshot's position on. Other
    /// messages wait for the moment that this takes.
    ///
    /// @throws ProblemException `limit_exceeded` where it would name too many jobs
    public void subscribe(Set<JobId> jobs) {
        requireFew(view.with(jobs));
        if (jobs.size() > hub.settings().jobsPerWatcher()) {
            throw tooMany();
        }
        long cursor = hub.switchboard().wish(this, jobs);
        if (cursor >= 0) {
            hub.catchUp(this, cursor);
        }
    }

    /// Sees these jobs no more. What waits in the outbox already still comes. Who named no jobs sees all
    /// others.
    ///
    /// @throws ProblemException `limit_exceeded` where it would name too many jobs
    public void unsubscribe(Set<JobId> jobs) {
        requireFew(view.without(jobs));
        hub.switchboard().unwish(this, jobs);
    }

    /// Answers the client's ping; several that come while it is busy get one answer.
    public void pong() {
        synchronized (lock) {
            pongDue = true;
        }
        pump();
    }

    /// The peer has gone, or the server has closed the connection by itself: nothing more is sent.
    public void leave() {
        end(null, "");
    }

    /// Ends the connection for a reason of the server's own, as an expired session.
    public void close(CloseCode code, String reason) {
        end(code, reason);
    }

    /// Whether it has ended, for whatever reason.
    public boolean closed() {
        synchronized (lock) {
            return closed;
        }
    }

    private void requireFew(View wanted) {
        if (wanted.names() > hub.settings().jobsPerWatcher()) {
            throw tooMany();
        }
    }

    ProblemException tooMany() {
        return new ProblemException(
                ErrorCode.LIMIT_EXCEEDED,
                "one connection may name " + hub.settings().jobsPerWatcher() + " jobs; name none to watch all");
    }

    /// Puts a transition into the outbox of a live watcher; under the gate.
    ///
    /// @return whether the caller is to pump
    boolean offer(Told event) {
        synchronized (lock) {
            if (closed || overrun || event.seq() <= from) {
                return false;
            }
            int length = event.message().text().length;
            if (transitionBytes > 0 && transitionBytes + length > hub.settings().outbox()) {
                overrun = true;
                return true;
            }
            boolean idle = outbox.isEmpty() && !underWay;
            put(event.message());
            return idle;
        }
    }

    /// Waits until there is room in the outbox, then puts a message there.
    ///
    /// @return false where the watcher has ended
    boolean feed(Message message) {
        while (true) {
            synchronized (lock) {
                if (closed) {
                    return false;
                }
                if (bytes < ROOM_BYTES) {
                    put(message);
                    break;
                }
                feeder = Thread.currentThread();
            }
            LockSupport.park(this);
        }
        pump();
        return true;
    }

    /// Waits until what was fed so far has gone, but for the send under way.
    boolean drained() {
        while (true) {
            synchronized (lock) {
                if (closed) {
                    return false;
                }
                if (bytes == 0) {
                    return true;
                }
                feeder = Thread.currentThread();
            }
            LockSupport.park(this);
        }
    }

    private void put(Message message) {
        outbox.add(message);
        grown |= outbox.size() > FEW;
        bytes += message.text().length;
        if (message.type() == Message.Type.EVENT) {
            transitionBytes += message.text().length;
        }
    }

    private @Nullable Message take() {
        Message message = outbox.poll();
        if (message == null) {
            return null;
        }
        bytes -= message.text().length;
        if (message.type() == Message.Type.EVENT) {
            transitionBytes -= message.text().length;
        }
        if (outbox.isEmpty() && grown) {
            outbox = new ArrayDeque<>(1);
            grown = false;
        }
        if (bytes < ROOM_BYTES) {
            wakeFeeder();
        }
        return message;
    }

    private void wakeFeeder() {
        Thread waiting = feeder;
        if (waiting != null) {
            feeder = null;
            LockSupport.unpark(waiting);
        }
    }

    /// Joins `next`; under the gate. The caller pumps afterwards.
    ///
    /// @param position up to which it lacks nothing once it has `rest`
    boolean live(Audience next, long position, List<Told> rest) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            rest.forEach(event -> put(event.message()));
            from = position;
            audience = next;
            return true;
        }
    }

    boolean moved(Audience next) {
        synchronized (lock) {
            audience = closed ? null : next;
            return !closed;
        }
    }

    /// Goes back to being caught up; under the gate.
    ///
    /// @return up to where it has everything
    long unseat(long position) {
        synchronized (lock) {
            audience = null;
            return Math.max(from, position);
        }
    }

    @Nullable
    Audience audience() {
        synchronized (lock) {
            return audience;
        }
    }

    /// The documents that it is about to be shown tell of all progress up to this tick.
    void toldUpTo(long tick) {
        synchronized (lock) {
            toldTick = tick;
        }
    }

    int outboxBytes() {
        synchronized (lock) {
            return bytes;
        }
    }

    /// Sends what there is, unless a send is under way.
    void pump() {
        while (true) {
            Message next;
            Audience whose = null;
            long told = 0;
            boolean ping = false;
            synchronized (lock) {
                if (closed || underWay || sending) {
                    if (overrun && !closed) {
                        break;
                    }
                    return;
                }
                if (overrun) {
                    break;
                }
                next = take();
                if (next == null && pongDue) {
                    pongDue = false;
                    next = hub.pong();
                }
                if (next == null && audience != null && toldTick < audience.changed()) {
                    whose = audience;
                    told = toldTick;
                }
                if (next == null && whose == null) {
                    if (!pingDue) {
                        return;
                    }
                    ping = true;
                }
                pingDue = false;
                underWay = true;
                sending = true;
                since = hub.clock().millis();
            }
            if (whose != null) {
                next = progress(whose, told);
            }
            try {
                if (ping) {
                    connection.ping(completion);
                } else if (next != null) {
                    connection.send(next, completion);
                }
            } catch (RuntimeException e) {
                completion.failed(e);
            }
            synchronized (lock) {
                sending = false;
                if (!ping && next == null) {
                    underWay = false;
                }
            }
        }
        hub.slow(this, "more transitions than its outbox holds");
    }

    private @Nullable Message progress(Audience whose, long told) {
        try {
            Audience.Frame frame = whose.frame(told, hub);
            synchronized (lock) {
                toldTick = Math.max(toldTick, frame.tick());
            }
            return frame.message();
        } catch (RuntimeException e) {
            hub.failed("a progress frame could not be written", e);
            synchronized (lock) {
                toldTick = Math.max(toldTick, whose.changed());
            }
            return null;
        }
    }

    /// Something that it may see has moved.
    void moved() {
        boolean busy;
        synchronized (lock) {
            busy = underWay;
        }
        if (busy) {
            hub.conflated();
        } else {
            pump();
        }
    }

    /// Looks whether its send takes too long, or whether it was long since one.
    void check(long now) {
        boolean late;
        boolean quiet;
        synchronized (lock) {
            if (closed) {
                return;
            }
            late = underWay && now - since > hub.settings().writeTimeout().toMillis();
            quiet = !underWay && now - since >= hub.settings().heartbeat().toMillis();
            pingDue = quiet;
        }
        if (late) {
            hub.slow(this, "a send took too long");
        } else if (quiet) {
            pump();
        }
    }

    /// @param code null where nobody is to be told
    /// @return whether it was still there
    boolean end(@Nullable CloseCode code, String reason) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            closed = true;
            outbox = new ArrayDeque<>(1);
            bytes = 0;
            transitionBytes = 0;
            wakeFeeder();
        }
        hub.forget(this);
        if (code != null) {
            connection.close(code, reason);
        }
        return true;
    }

    @Override
    public String toString() {
        return "watcher " + connection + " of " + view.sight();
    }

    private final class Completion implements Connection.Completion {
        @Override
        public void sent() {
            synchronized (lock) {
                if (!underWay) {
                    return;
                }
                underWay = false;
                if (bytes == 0) {
                    wakeFeeder();
                }
                if (sending) {
                    hub.counted();
                    return;
                }
            }
            hub.counted();
            pump();
        }

        @Override
        public void failed(Throwable cause) {
            end(CloseCode.FAILED, "send failed");
        }
    }
}
