package dev.sluice.realtime;

import dev.sluice.core.Event;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
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
                    show(List.copyOf(wishes), new ArrayList<>(), cursor);
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
            show(List.copyOf(named), new ArrayList<>(), position);
        } else {
            var recent = hub.read(() -> hub.store()
                    .recent(
                            view.sight().owner(),
                            hub.clock().instant().minus(hub.settings().recent())));
            var first = new ArrayList<byte[]>();
            var rest = firstPart(view, recent, first);
            show(rest, first, position);
        }
        return position;
    }

    private boolean servable(Position wanted) throws InterruptedException {
        return wanted.epoch().equals(hub.epoch())
                && hub.read(() -> wanted.seq() >= hub.log().floor() - 1
                        && wanted.seq() <= hub.log().position());
    }

    /// Writes down as many of these jobs as fit into one part.
    ///
    /// @return those that did not fit: names only, so that a watcher which reads slowly holds no jobs in memory
    private List<JobId> firstPart(View view, List<Job> jobs, List<byte[]> part) {
        var rest = new ArrayList<JobId>();
        int bytes = 0;
        for (Job job : jobs) {
            if (!view.sees(job.owner(), job.id())) {
                continue;
            }
            if (rest.isEmpty()) {
                byte[] text = write(job);
                if (part.isEmpty() || bytes + text.length < hub.settings().snapshotPart()) {
                    part.add(text);
                    bytes += text.length + 1;
                    continue;
                }
            }
            rest.add(job.id());
        }
        return rest;
    }

    private byte[] write(Job job) {
        return hub.frames().job(job, hub.board().latest(job.id()));
    }

    /// Sends a snapshot at `position`: the part that is written already, then the others, each read when the
    /// one before has gone.
    private void show(List<JobId> jobs, List<byte[]> written, long position) throws InterruptedException {
        View view = watcher.view;
        var part = written;
        int bytes = part.stream().mapToInt(text -> text.length + 1).sum();
        boolean full = !part.isEmpty() && !jobs.isEmpty();
        for (JobId id : jobs) {
            if (full) {
                if (!send(part, position, true)) {
                    return;
                }
                part = new ArrayList<>();
                bytes = 0;
                full = false;
            }
            Job job = hub.read(() -> hub.store().find(id).orElse(null));
            if (job == null || !view.sees(job.owner(), id)) {
                continue;
            }
            byte[] text = write(job);
            if (!part.isEmpty() && bytes + text.length >= hub.settings().snapshotPart()) {
                if (!send(part, position, true)) {
                    return;
                }
                part = new ArrayList<>();
                bytes = 0;
            }
            part.add(text);
            bytes += text.length + 1;
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
