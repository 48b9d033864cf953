package dev.sluice.realtime;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The newest events in memory, without gaps, bounded by number and bytes: who comes back soon needs no
/// database. Not safe for use by many threads.
final class Tail {
    private final @Nullable Told[] ring;
    private final long mostBytes;
    private long before;
    private long last;
    private long bytes;

    /// @param position of the last event before the first that will be added
    Tail(long position, int size, long mostBytes) {
        this.ring = new @Nullable Told[size];
        this.mostBytes = mostBytes;
        this.before = position;
        this.last = position;
    }

    /// The number of the newest event.
    long last() {
        return last;
    }

    /// Whether all events after `seq` are here.
    boolean reachesBackTo(long seq) {
        return seq >= before;
    }

    void add(Told event) {
        if (event.seq() != last + 1) {
            throw new IllegalArgumentException("event " + event.seq() + " after " + last);
        }
        if (last - before == ring.length) {
            drop();
        }
        last = event.seq();
        ring[slot(last)] = event;
        bytes += event.message().text().length;
        while (bytes > mostBytes && before < last) {
            drop();
        }
    }

    /// Goes on after a hole: nothing before it is kept.
    void restart(long position) {
        while (before < last) {
            drop();
        }
        before = position;
        last = position;
    }

    List<Told> after(long seq, int limit) {
        var found = new ArrayList<Told>();
        for (long next = seq + 1; next <= last && found.size() < limit; next++) {
            found.add(at(next));
        }
        return found;
    }

    private void drop() {
        before++;
        bytes -= at(before).message().text().length;
        ring[slot(before)] = null;
    }

    private Told at(long seq) {
        Told event = ring[slot(seq)];
        if (event == null) {
            throw new IllegalStateException("event " + seq + " is not in memory");
        }
        return event;
    }

    private int slot(long seq) {
        return Math.floorMod(seq, ring.length);
    }
}
