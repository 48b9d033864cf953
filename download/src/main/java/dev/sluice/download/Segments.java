package dev.sluice.download;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The missing bytes of a file, shared out among connections. Safe for use by many threads.
final class Segments {
    /// What is smaller is not divided.
    static final long LEAST = 1L << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Segment> free = new ArrayList<>();
    private final List<Segment> taken = new ArrayList<>();
    private final long piece;

    /// A run of missing bytes that one connection fetches.
    static final class Segment {
        private final AtomicLong next;
        private volatile long end;

        private Segment(long next, long end) {
            this.next = new AtomicLong(next);
            this.end = end;
        }

        /// The next byte that is missing.
        long next() {
            return next.get();
        }

        /// Behind the last byte; it can come nearer while the segment is fetched, but not to within
        /// [#LEAST] bytes of [#next].
        long end() {
            return end;
        }

        long left() {
            return end - next();
        }

        /// So many bytes are there.
        void advance(long bytes) {
            next.addAndGet(bytes);
        }

        /// The file turned out to end here.
        void endsHere() {
            end = next();
        }
    }

    /// @param piece how large a segment is at the most, where bytes go in order; else [Long#MAX_VALUE]: then what is
    ///     being fetched is halved for a connection that has nothing to do
    Segments(List<Gap> left, long piece) {
        this.piece = piece;
        left.forEach(gap -> free.add(new Segment(gap.from(), gap.to())));
    }

    /// Something to fetch, which is the caller's until it is done or given back; null where there is nothing.
    @Nullable
    Segment take() {
        lock.lock();
        try {
            Segment segment = free.isEmpty() ? half() : first();
            if (segment != null) {
                taken.add(segment);
            }
            return segment;
        } finally {
            lock.unlock();
        }
    }

    private Segment first() {
        Segment first = free.getFirst();
        if (first.left() <= piece) {
            return free.removeFirst();
        }
        var segment = new Segment(first.next(), first.next() + piece);
        first.advance(piece);
        return segment;
    }

    private @Nullable Segment half() {
        Segment largest = piece < Long.MAX_VALUE
                ? null
                : taken.stream().max(Comparator.comparingLong(Segment::left)).orElse(null);
        if (largest == null || largest.left() < 4 * LEAST) {
            return null;
        }
        long middle = largest.next() + largest.left() / 2;
        var segment = new Segment(middle, largest.end);
        largest.end = middle;
        return segment;
    }

    /// What is left of it is for anybody.
    void giveBack(Segment segment) {
        lock.lock();
        try {
            free(segment);
        } finally {
            lock.unlock();
        }
    }

    private void free(Segment segment) {
        if (taken.remove(segment) && segment.left() > 0) {
            free.add(segment);
            free.sort(Comparator.comparingLong(Segment::next));
        }
    }

    /// As [#giveBack], where a connection remains that will come to it: any other that has something to fetch; where
    /// bytes go in order one that fetches what comes before, since those behind wait for this one.
    ///
    /// @return false where there is none
    boolean giveUp(Segment segment) {
        lock.lock();
        try {
            boolean remains = taken.stream()
                    .anyMatch(other -> other != segment && (piece == Long.MAX_VALUE || other.next() < segment.next()));
            if (remains) {
                free(segment);
            }
            return remains;
        } finally {
            lock.unlock();
        }
    }

    /// What is missing, in order.
    List<Gap> left() {
        lock.lock();
        try {
            var left = new ArrayList<Gap>();
            for (Segment segment : free) {
                left.add(new Gap(segment.next(), segment.end));
            }
            for (Segment segment : taken) {
                if (segment.left() > 0) {
                    left.add(new Gap(segment.next(), segment.end));
                }
            }
            left.sort(Comparator.comparingLong(Gap::from));
            return left;
        } finally {
            lock.unlock();
        }
    }
}
