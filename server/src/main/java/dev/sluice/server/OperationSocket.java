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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A desktop program that watches one file operation. Wire contract §4.
final class OperationSocket extends LatestSocket implements JobListener, AwaitedBatches.Waiter {
    static final String PATH = "/ws/operations";

    private static final Logger log = LoggerFactory.getLogger(OperationSocket.class);

    private final OperationSockets sockets;
    private final AwaitedBatches awaited;
    private final Object lock = new Object();

    private @Nullable Watch watch;

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

    OperationSocket(OpenSockets all, LatestSockets latest, OperationSockets sockets, AwaitedBatches awaited) {
        super(all, latest.limits(), latest);
        this.sockets = sockets;
        this.awaited = awaited;
    }

    @Override
    void told(String message) {
        switch (OperationMessage.parse(message, System.currentTimeMillis())) {
            case OperationMessage.Register register -> watch(register.batch());
            case OperationMessage.Ping ping -> answer(ping.answer());
            case OperationMessage.Unknown unknown -> log.debug("passed over a message that nobody knows: {}", unknown);
            case OperationMessage.Invalid invalid -> end(CloseCode.REFUSED, invalid.why());
        }
    }

    private void watch(BatchId batch) {
        Watch before;
        synchronized (lock) {
            if (isGone()) {
                return;
            }
            before = watch;
            watch = new Watch(batch);
        }
        leave(before);
        awaited.await(batch, this);
        change(true);
    }

    private void leave(@Nullable Watch left) {
        if (left != null) {
            awaited.forget(left.batch, this);
            Hub.Registration following = left.following;
            if (following != null) {
                following.close();
            }
        }
    }

    // ---- What happens

    @Override
    public void created() {
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
        Watch mine = watched();
        if (mine == null || !latest.job().equals(mine.job)) {
            return;
        }
        mine.last = latest;
        change(false);
    }

    private @Nullable Watch watched() {
        synchronized (lock) {
            return watch;
        }
    }

    // ---- What is told

    @Override
    @Nullable
    Told latest() {
        Watch mine = watched();
        OperationSockets.Seen seen = mine == null ? null : seen(mine);
        if (mine == null || seen == null || (seen.end() != null && seen.end().equals(mine.end))) {
            return null;
        }
        mine.end = seen.end();
        return mine == watched() ? new Told(Json.text(seen.progress()), null) : null;
    }

    private OperationSockets.@Nullable Seen seen(Watch mine) {
        JobId job = mine.job;
        if (job == null) {
            job = sockets.job(caller(), mine.batch).orElse(null);
            if (job == null) {
                return null;
            }
            follow(mine, job);
        }
        return sockets.seen(job, mine.last).orElse(null);
    }

    private void follow(Watch mine, JobId job) {
        awaited.forget(mine.batch, this);
        mine.job = job;
        Hub.Registration following = sockets.follow(job, this);
        mine.following = following;
        if (isGone() || mine != watched()) {
            following.close();
        }
    }

    @Override
    void left() {
        leave(watched());
    }
}
