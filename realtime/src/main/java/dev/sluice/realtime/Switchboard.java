package dev.sluice.realtime;

import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who is live, and how far events have been handed out: both change under one gate, so that a watcher becomes
/// live exactly between two events. Nothing is sent and nobody is called while the gate is held.
final class Switchboard {
    /// How many bytes of events behind a watcher may be and still become live.
    private static final int LEVEL_BYTES = 32 << 10;

    private static final int LEVEL_EVENTS = 128;

    private final ProgressBoard board;
    private final Tail tail;
    private final Map<View, Audience> audiences = new HashMap<>();
    private final Map<JobId, Set<Audience>> ofJobs = new HashMap<>();
    private final Map<Owner, Set<Audience>> ofOwners = new HashMap<>();
    private final Set<Audience> ofAll = new HashSet<>();

    Switchboard(ProgressBoard board, Tail tail) {
        this.board = board;
        this.tail = tail;
    }

    /// The number of the last event that was handed out.
    synchronized long position() {
        return tail.last();
    }

    /// Events after `seq`, or null where memory does not reach back so far.
    synchronized @Nullable List<Told> after(long seq, int limit) {
        return tail.reachesBackTo(seq) ? tail.after(seq, limit) : null;
    }

    /// Hands events out.
    ///
    /// @param ready gets the watchers that are to be pumped
    synchronized void route(List<Told> events, Collection<Watcher> ready) {
        for (Told event : events) {
            tail.add(event);
            forEachAudience(event.job(), event.owner(), audience -> {
                for (Watcher watcher : audience.watchers) {
                    if (watcher.offer(event)) {
                        ready.add(watcher);
                    }
                }
            });
        }
    }

    /// Events up to `position` are lost to memory.
    synchronized void restart(long position) {
        tail.restart(position);
    }

    /// The audiences that see one of these jobs, each told that something changed.
    synchronized Set<Audience> changed(List<ProgressBoard.Runner> runners, long tick) {
        var found = new HashSet<Audience>();
        for (var runner : runners) {
            forEachAudience(runner.job, runner.owner, audience -> {
                audience.changed(tick);
                found.add(audience);
            });
        }
        return found;
    }

    private interface Visit {
        void audience(Audience audience);
    }

    private void forEachAudience(JobId job, Owner owner, Visit visit) {
        visit(ofAll, job, owner, visit);
        visit(ofOwners.getOrDefault(owner, Set.of()), job, owner, visit);
        visit(ofJobs.getOrDefault(job, Set.of()), job, owner, visit);
    }

    private static void visit(Set<Audience> some, JobId job, Owner owner, Visit visit) {
        for (Audience audience : some) {
            if (audience.view.sees(owner, job)) {
                visit.audience(audience);
            }
        }
    }

    /// Makes a watcher live that has seen all up to `cursor`, where it is nearly level and has no wishes left;
    /// what it lacks goes into its outbox.
    synchronized boolean enter(Watcher watcher, long cursor) {
        if (!watcher.wishes.isEmpty() || !tail.reachesBackTo(cursor) || tail.last() - cursor > LEVEL_EVENTS) {
            return false;
        }
        var rest = new ArrayList<Told>();
        int bytes = 0;
        for (Told event : tail.after(cursor, LEVEL_EVENTS)) {
            if (watcher.view.sees(event.owner(), event.job())) {
                rest.add(event);
                bytes += event.message().text().length;
            }
        }
        if (bytes > LEVEL_BYTES && rest.size() > 1) {
            return false;
        }
        var audience = seat(watcher.view);
        if (watcher.live(audience, Math.max(cursor, tail.last()), rest)) {
            audience.watchers.add(watcher);
        } else {
            clear(audience);
        }
        return true;
    }

    /// Adds jobs to what the watcher sees; it is to be shown their documents.
    ///
    /// @return the position from which a watcher that was live must be caught up; -1 where that is under way
    ///     already
    synchronized long wish(Watcher watcher, Set<JobId> jobs) {
        watcher.view = watcher.view.with(jobs);
        var wishes = new HashSet<>(watcher.wishes);
        wishes.addAll(jobs);
        watcher.wishes = wishes;
        Audience audience = watcher.audience();
        if (audience == null) {
            return -1;
        }
        leave(watcher, audience);
        return watcher.unseat(tail.last());
    }

    /// Takes what the watcher is still to be shown.
    synchronized Set<JobId> wishes(Watcher watcher) {
        Set<JobId> wishes = watcher.wishes;
        watcher.wishes = Set.of();
        return wishes;
    }

    synchronized void unwish(Watcher watcher, Set<JobId> jobs) {
        watcher.view = watcher.view.without(jobs);
        if (!watcher.wishes.isEmpty()) {
            var wishes = new HashSet<>(watcher.wishes);
            wishes.removeAll(jobs);
            watcher.wishes = wishes;
        }
        Audience audience = watcher.audience();
        if (audience != null) {
            leave(watcher, audience);
            var next = seat(watcher.view);
            if (watcher.moved(next)) {
                next.watchers.add(watcher);
            } else {
                clear(next);
            }
        }
    }

    synchronized void leave(Watcher watcher) {
        Audience audience = watcher.audience();
        if (audience != null) {
            leave(watcher, audience);
        }
    }

    private void leave(Watcher watcher, Audience audience) {
        audience.watchers.remove(watcher);
        clear(audience);
    }

    private Audience seat(View view) {
        return audiences.computeIfAbsent(view, key -> {
            var audience = new Audience(key, board.tick());
            if (key.only() != null) {
                key.only()
                        .forEach(job -> ofJobs.computeIfAbsent(job, any -> new HashSet<>(2))
                                .add(audience));
            } else if (key.sight().owner() != null) {
                ofOwners.computeIfAbsent(key.sight().owner(), any -> new HashSet<>(2))
                        .add(audience);
            } else {
                ofAll.add(audience);
            }
            return audience;
        });
    }

    private void clear(Audience audience) {
        if (!audience.watchers.isEmpty() || audiences.get(audience.view) != audience) {
            return;
        }
        View view = audience.view;
        audiences.remove(view);
        if (view.only() != null) {
            view.only().forEach(job -> drop(ofJobs, job, audience));
        } else if (view.sight().owner() != null) {
            drop(ofOwners, view.sight().owner(), audience);
        } else {
            ofAll.remove(audience);
        }
    }

    private static <K> void drop(Map<K, Set<Audience>> index, K key, Audience audience) {
        index.computeIfPresent(key, (any, some) -> {
            some.remove(audience);
            return some.isEmpty() ? null : some;
        });
    }
}
