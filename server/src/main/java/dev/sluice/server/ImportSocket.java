package dev.sluice.server;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.Event;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import dev.sluice.realtime.CloseCode;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.JobListener;
import dev.sluice.wire.ImportMessage;
import dev.sluice.wire.ImportTelling;
import dev.sluice.wire.Json;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A page that watches a batch of imports, which need not exist yet. Wire contract §3.
final class ImportSocket extends LatestSocket implements JobListener, AwaitedBatches.Waiter {
    static final String PATH = "/ws/upload-progress/";

    private static final Logger log = LoggerFactory.getLogger(ImportSocket.class);

    private final LatestSockets clock;
    private final ImportSockets sockets;
    private final ImportStatuses statuses;
    private final AwaitedBatches awaited;
    private final String id;
    private final @Nullable BatchId batch;
    private final Map<JobId, Hub.Registration> following = new ConcurrentHashMap<>();
    private volatile long heard = System.nanoTime();

    // Of whoever tells.
    private final @Nullable ImportTelling telling;
    private boolean greeted;

    /// @param id of the batch, which a client has sent and which may be anything
    ImportSocket(
            OpenSockets all,
            LatestSockets clock,
            ImportSockets sockets,
            ImportStatuses statuses,
            AwaitedBatches awaited,
            String id) {
        super(all, sockets.limits(), clock);
        this.clock = clock;
        this.sockets = sockets;
        this.statuses = statuses;
        this.awaited = awaited;
        this.id = id;
        this.batch = Ids.isIdentifier(id) ? new BatchId(id) : null;
        this.telling = batch == null ? null : new ImportTelling(batch);
    }

    Owner owner() {
        return caller().owner();
    }

    /// What is watched, where it can be a batch at all.
    Optional<BatchId> batch() {
        return Optional.ofNullable(batch);
    }

    @Override
    void begun() {
        super.begun();
        if (!sockets.enter(this)) {
            end(
                    CloseCode.REFUSED,
                    "at most " + sockets.mostPerUser()
                            + " connections for each user (websocket.max-connections-per-user)");
            return;
        }
        if (batch != null) {
            awaited.await(batch, this);
        }
        watchIdle();
        change(true);
    }

    // ---- What the client says

    @Override
    void told(String message) {
        heard = System.nanoTime();
        String answer = ImportMessage.answer(message);
        if (answer != null) {
            answer(answer);
        } else {
            log.debug("passed over a message that nobody knows");
        }
    }

    @Override
    void ponged() {
        heard = System.nanoTime();
    }

    private void watchIdle() {
        if (isGone()) {
            return;
        }
        long left = heard + sockets.idleTimeout().toNanos() - System.nanoTime();
        if (left > 0) {
            clock.later(left, this::watchIdle);
        } else {
            end(
                    CloseCode.REFUSED,
                    "idle: nothing was heard for " + sockets.idleTimeout().toSeconds() + " s (websocket.idle-timeout)");
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
            case CREATED, STARTED, STAGE, PAUSED, RESUMED, RETRYING, COMPLETED, FAILED, CANCELLED -> change(true);
            case FACTS -> change(false);
            case NOTE, CLEANED, REMOVED -> log.trace("nothing to tell of {}", event.type());
        }
    }

    @Override
    public void progress(Progress latest) {
        change(false);
    }

    // ---- What is told

    @Override
    @Nullable
    Told latest() {
        if (!greeted) {
            greeted = true;
            change(true);
            return new Told(Json.text(ImportMessage.connected(id, Instant.now())), null);
        }
        return batch == null || telling == null ? null : latest(batch, telling);
    }

    private @Nullable Told latest(BatchId watched, ImportTelling tells) {
        if (!tells.owes()) {
            look(watched, tells);
        }
        ImportMessage next = tells.next(Instant.now()).orElse(null);
        if (tells.owes()) {
            change(true);
        } else if (next != null && !next.ends()) {
            change(false);
        }
        return next == null ? null : new Told(Json.text(next), next.ends() ? next.status() : null);
    }

    private void look(BatchId watched, ImportTelling tells) {
        Batch found = statuses.batch(caller(), watched).orElse(null);
        if (found == null) {
            return;
        }
        if (following.isEmpty()) {
            statuses.jobs(watched).forEach(this::follow);
            awaited.forget(watched, this);
        }
        tells.see(found, statuses.seen(statuses.jobs(watched)));
    }

    private void follow(Job job) {
        following.put(job.id(), sockets.sluice().hub().onJob(job.id(), this));
        if (isGone()) {
            leave();
        }
    }

    private void leave() {
        following.values().forEach(Hub.Registration::close);
    }

    @Override
    void left() {
        sockets.leave(this);
        if (batch != null) {
            awaited.forget(batch, this);
        }
        leave();
    }
}
