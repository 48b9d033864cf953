package dev.sluice.cloud;

import dev.sluice.core.Outcome;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The one budget of memory, outside the heap, for parts on their way to providers. A part's memory is given whole
/// or not at all, no storage gets more than half of all, and who waits is served in turn: within a storage in the
/// order of arrival, full parts first, the storages one after the other. What was given back is used again and never
/// freed. Safe for use by many threads.
///
/// A part that is being gathered has its memory for as long as its sender likes. So of all, and of each storage's half,
/// a quarter is for parts that are full, which give theirs back when they have been sent: senders that are slow or
/// silent keep nobody from sending. (A part larger than that quarter may have to wait for them.)
public final class Buffers {
    private static final int PIECE = 256 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final int most;
    private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>();
    private final List<Share> shares = new ArrayList<>();
    private int taken;
    private int allGathering;
    private int turn;

    /// @param bytes of all parts together
    public Buffers(long bytes) {
        this.most = Math.clamp(bytes / PIECE, 2, Integer.MAX_VALUE);
    }

    /// A part of the budget for one storage: at most half of it at a time.
    public Share share() {
        lock.lock();
        try {
            var share = new Share();
            shares.add(share);
            return share;
        } finally {
            lock.unlock();
        }
    }

    private record Waiter(int pieces, CompletableFuture<Memory> given) {}

    /// What one storage may take.
    public final class Share {
        private final ArrayDeque<Waiter> full = new ArrayDeque<>();
        private final ArrayDeque<Waiter> empty = new ArrayDeque<>();
        private final Set<Memory> gathered = new HashSet<>();
        private int held;
        private int gathering;

        private Share() {}

        /// The largest part that is ever given.
        public long most() {
            return (long) half() * PIECE;
        }

        private int half() {
            return most / 2;
        }

        /// Memory to gather a part in, where there is some at once and nobody is waiting for it.
        public Optional<Memory> tryTake(long bytes) {
            lock.lock();
            try {
                int pieces = pieces(bytes);
                return isWanted() || !fits(pieces, false) ? Optional.empty() : Optional.of(giveGathering(pieces));
            } finally {
                lock.unlock();
            }
        }

        /// Waits for memory to gather a part in, but not for ever. The caller holds none.
        ///
        /// @throws Stopped where it was stopped meanwhile
        public Optional<Memory> take(long bytes, Duration patience, StopToken stop) {
            var waiter = new Waiter(pieces(bytes), new CompletableFuture<>());
            join(empty, waiter);
            StopToken.Registration closer = stop.onStop(reason -> abandon(empty, waiter, reason));
            try {
                return Optional.of(waiter.given.get(patience.toNanos(), TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                return withdrawn(empty, waiter) ? Optional.empty() : Optional.of(given(waiter));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                abandon(empty, waiter, StopReason.DRAINING);
                return Optional.of(given(waiter));
            } catch (ExecutionException e) {
                return Optional.of(given(waiter));
            } finally {
                closer.close();
            }
        }

        /// Waits for memory for a part that is full. Of those that wait too only parts that are full come before it.
        ///
        /// @throws Stopped where it was stopped meanwhile
        public Memory takeToSend(long bytes, StopToken stop) {
            var waiter = new Waiter(pieces(bytes), new CompletableFuture<>());
            join(full, waiter);
            StopToken.Registration closer = stop.onStop(reason -> abandon(full, waiter, reason));
            try {
                return given(waiter);
            } finally {
                closer.close();
            }
        }

        private static Memory given(Waiter waiter) {
            return Outcome.of(waiter.given);
        }

        private void join(ArrayDeque<Waiter> line, Waiter waiter) {
            lock.lock();
            try {
                line.add(waiter);
                serve();
            } finally {
                lock.unlock();
            }
        }

        /// @return false where it has been served
        private boolean withdrawn(ArrayDeque<Waiter> line, Waiter waiter) {
            lock.lock();
            try {
                boolean waited = line.remove(waiter);
                serve();
                return waited;
            } finally {
                lock.unlock();
            }
        }

        private void abandon(ArrayDeque<Waiter> line, Waiter waiter, StopReason reason) {
            if (withdrawn(line, waiter)) {
                waiter.given.completeExceptionally(new Stopped(reason));
            }
        }

        /// Whether somebody waits: who is slow to fill what it holds had better give it back for a while.
        public boolean wanted() {
            lock.lock();
            try {
                return isWanted();
            } finally {
                lock.unlock();
            }
        }

        private boolean isWanted() {
            return !full.isEmpty() || !empty.isEmpty() || shares.stream().anyMatch(Share::isShort);
        }

        /// Whether somebody waits here only because other storages have so much: not one who waits for what this
        /// storage has itself, which a slow provider may keep for as long as it likes.
        private boolean isShort() {
            Waiter first = first();
            return first != null && isWithinShare(first.pieces, !full.isEmpty());
        }

        private @Nullable Waiter first() {
            return full.isEmpty() ? empty.peek() : full.peek();
        }

        private int pieces(long bytes) {
            if (bytes > most()) {
                throw new IllegalArgumentException("a part of " + bytes + " bytes is over " + most());
            }
            return Math.max(1, Math.toIntExact((bytes + PIECE - 1) / PIECE));
        }

        private boolean fits(int pieces, boolean toSend) {
            return taken + pieces <= most
                    && (toSend || allGathering == 0 || allGathering + pieces <= most * 3 / 4)
                    && isWithinShare(pieces, toSend);
        }

        private boolean isWithinShare(int pieces, boolean toSend) {
            return held + pieces <= half() && (toSend || gathering == 0 || gathering + pieces <= half() * 3 / 4);
        }

        /// Serves the one who waits at the head of the line.
        ///
        /// @return false where there is nobody, or nothing that fits
        private boolean serveFirst() {
            Waiter first = first();
            boolean toSend = !full.isEmpty();
            if (first == null || !fits(first.pieces, toSend)) {
                return false;
            }
            Memory memory = toSend ? give(first.pieces) : giveGathering(first.pieces);
            (toSend ? full : empty).remove();
            first.given.complete(memory);
            return true;
        }

        private Memory giveGathering(int pieces) {
            Memory memory = give(pieces);
            gathered.add(memory);
            gathering += pieces;
            allGathering += pieces;
            return memory;
        }

        private Memory give(int pieces) {
            while (idle.size() < pieces) {
                idle.add(ByteBuffer.allocateDirect(PIECE));
            }
            var buffers = new ArrayList<ByteBuffer>(pieces);
            for (int i = 0; i < pieces; i++) {
                buffers.add(idle.remove().clear());
            }
            taken += pieces;
            held += pieces;
            return new Memory(buffers, this);
        }

        void flies(Memory memory) {
            lock.lock();
            try {
                gathersNoMore(memory);
                serve();
            } finally {
                lock.unlock();
            }
        }

        private void gathersNoMore(Memory memory) {
            if (gathered.remove(memory)) {
                gathering -= memory.pieces().size();
                allGathering -= memory.pieces().size();
            }
        }

        void takeBack(Memory memory) {
            lock.lock();
            try {
                gathersNoMore(memory);
                idle.addAll(memory.pieces());
                taken -= memory.pieces().size();
                held -= memory.pieces().size();
                serve();
            } finally {
                lock.unlock();
            }
        }
    }

    /// Gives to who waits, the storages in turn, for as long as anything fits.
    private void serve() {
        int passed = 0;
        while (passed < shares.size()) {
            Share share = shares.get(turn);
            turn = (turn + 1) % shares.size();
            passed = share.serveFirst() ? 0 : passed + 1;
        }
    }

    /// What is in use just now.
    public long used() {
        lock.lock();
        try {
            return (long) taken * PIECE;
        } finally {
            lock.unlock();
        }
    }
}
