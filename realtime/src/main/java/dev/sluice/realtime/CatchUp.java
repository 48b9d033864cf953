package dev.sluice.realtime;

import dev.sluice.core.Event;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one watcher from where it stands to where events are handed out live: a snapshot where it needs one,
/// then the events since, out of memory or in pages out of the log, each page only when the watcher has taken
/// the one before. Runs on a virtual thread of its own, which ends when the watcher is live.
final class CatchUp implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(CatchUp.class);
    private static final int PAGE = 256;
    private static final int JOBS = 64;

    private final Hub hub;
    private final Watcher watcher;
    private final @Nullable Position since;
    private long cursor;
    private boolean begun;

    private CatchUp(Hub hub, Watcher watcher, @Nullable Position since, long cursor, boolean begun) {
        this.hub = hub;
        this.watcher = watcher;
        this.since = since;
        this.cursor = cursor;
        this.begun = begun;
    }

    /// For who comes new.
    static CatchUp joining(Hub hub, Watcher watcher, @Nullable Position since) {
        return new CatchUp(hub, watcher, since, 0, false);
    }

    /// For who is here and has everything up to `cursor`.
    static CatchUp from(Hub hub, Watcher watcher, long cursor) {
        return new CatchUp(hub, watcher, null, cursor, true);
    }

    @Override
    public void run() {
        try {
            if (!begun) {
                cursor = begin();
            }
            while (!watcher.closed()) {
                Set<JobId> wishes = hub.switchboard().wishes(watcher);
                if (!wishes.isEmpty()) {
                    show(List.copyOf(wishes), cursor);
                }
                if (hub.switchboard().enter(watcher, cursor)) {
                    watcher.pump();
                    return;
                }
                replay();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            watcher.end(CloseCode.DRAINING, "draining");
        } catch (ProblemException e) {
            log.warn("{} could not be caught up: {}", watcher, e.getMessage());
            watcher.end(CloseCode.FAILED, e.code().code());
        } catch (RuntimeException e) {
            log.error("{} could not be caught up", watcher, e);
            watcher.end(CloseCode.FAILED, "internal");
        }
    }

    private long begin() throws InterruptedException {
        String epoch = hub.epoch();
        if (since != null) {
            if (servable(since)) {
                watcher.feed(new Message(Message.Type.RESUMED, hub.frames().resumed(epoch, since.seq()), since));
                return since.seq();
            }
            long position = hub.read(() -> hub.log().position());
            watcher.feed(new Message(Message.Type.GAP, hub.frames().gap(epoch, position), null));
        }
        watcher.toldUpTo(hub.board().tick());
        long position = hub.read(() -> hub.log().position());
        View view = watcher.view;
        Set<JobId> named = view.only();
        if (named != null) {
            show(List.copyOf(named), position);
        } else {
            Instant lately = hub.clock().instant().minus(hub.settings().recent());
            show(hub.read(() -> hub.store().recent(view.sight().owner(), lately)), position);
        }
        return position;
    }

    private boolean servable(Position wanted) throws InterruptedException {
        return wanted.epoch().equals(hub.epoch())
                && hub.read(() -> wanted.seq() >= hub.log().floor() - 1
                        && wanted.seq() <= hub.log().position());
    }

    private byte[] write(Job job) {
        return hub.frames().job(job, hub.board().latest(job.id()));
    }

    /// Sends a snapshot at `position` in parts, each once the one before has gone. Jobs are read a few at a time: a
    /// watcher that reads slowly holds names in memory, and many that come at once keep no reader for long.
    private void show(List<JobId> jobs, long position) throws InterruptedException {
        View view = watcher.view;
        var part = new ArrayList<byte[]>();
        int bytes = 0;
        for (int from = 0; from < jobs.size(); from += JOBS) {
            List<JobId> some = jobs.subList(from, Math.min(jobs.size(), from + JOBS));
            for (Job job : hub.read(() -> hub.store().find(some))) {
                if (!view.sees(job.owner(), job.id())) {
                    continue;
                }
                byte[] text = write(job);
                if (!part.isEmpty() && bytes + text.length >= hub.settings().snapshotPart()) {
                    if (!send(part, position, true)) {
                        return;
                    }
                    part.clear();
                    bytes = 0;
                }
                part.add(text);
                bytes += text.length + 1;
            }
        }
        send(part, position, false);
    }

    private boolean send(List<byte[]> part, long position, boolean more) {
        var message = new Message(
                Message.Type.SNAPSHOT,
                hub.frames().snapshot(hub.epoch(), position, part, more),
                more ? null : new Position(hub.epoch(), position));
        return watcher.feed(message) && (!more || watcher.drained());
    }

    /// Feeds the next page of what it missed.
    private void replay() throws InterruptedException {
        long upTo = hub.switchboard().position();
        if (cursor >= upTo) {
            return;
        }
        List<Told> page = hub.switchboard().after(cursor, PAGE);
        long reached;
        if (page != null) {
            reached = page.isEmpty() ? cursor : page.getLast().seq();
        } else {
            View view = watcher.view;
            JobId sole = view.sole();
            long after = cursor;
            List<Event> events = hub.read(() -> hub.log().read(after, upTo, sole, PAGE));
            boolean whole = hub.read(() -> hub.log().floor()) <= after + 1;
            if (!whole) {
                hub.slow(watcher, "what it has not seen yet is no longer held");
                return;
            }
            page = events.stream()
                    .filter(event -> view.sees(event.owner(), event.job()))
                    .map(event -> Told.of(event, hub.epoch(), hub.frames()))
                    .toList();
            reached = events.size() < PAGE ? upTo : events.getLast().seq();
        }
        var view = watcher.view;
        for (Told event : page) {
            if (view.sees(event.owner(), event.job()) && !watcher.feed(event.message())) {
                return;
            }
        }
        cursor = reached;
    }
}
