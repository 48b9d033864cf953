package dev.sluice.cloud;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;

/// The one budget of memory, outside the heap, for parts on their way to providers. A part's memory is given whole
/// or not at all, no storage gets more than half of all, and who waits is served in turn: within a storage in the
/// order of arrival, the storages one after the other. What was given back is used again and never freed. Safe for
/// use by many threads.
///
/// Whoever holds some may ask for more by [Share#tryTake] only: nobody waits while holding.
public final class Buffers {
    private static final int PIECE = 256 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final int most;
    private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>();
    private final List<Share> shares = new ArrayList<>();
    private int taken;
    private int turn;

    /// @param bytes of all parts together
    public Buffers(long bytes) {
        this.most = Math.toIntExact(Math.max(2, bytes / PIECE));
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
        private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
        private int held;

        private Share() {}

        /// The largest part that is ever given.
        public long most() {
            return (long) (Buffers.this.most / 2) * PIECE;
        }

        /// Memory for a part, where there is some at once and nobody is waiting for it.
        public Optional<Memory> tryTake(long bytes) {
            lock.lock();
            try {
                boolean waited = shares.stream().anyMatch(share -> !share.waiters.isEmpty());
                int pieces = pieces(bytes);
                return waited || !fits(pieces) ? Optional.empty() : Optional.of(give(pieces));
            } finally {
                lock.unlock();
            }
        }

        /// Whether somebody waits: who is slow to fill what it holds had better give it back for a while.
        public boolean wanted() {
            lock.lock();
            try {
                return !waiters.isEmpty();
            } finally {
                lock.unlock();
            }
        }

        /// Waits for memory for a part. The caller holds none.
        ///
        /// @throws Stopped where it was stopped meanwhile
        public Memory take(long bytes, StopToken stop) {
            var waiter = new Waiter(pieces(bytes), new CompletableFuture<>());
            lock.lock();
            try {
                waiters.add(waiter);
                serve();
            } finally {
                lock.unlock();
            }
            StopToken.Registration closer = stop.onStop(reason -> abandon(waiter, reason));
            try {
                return waiter.given.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            } finally {
                closer.close();
            }
        }

        private void abandon(Waiter waiter, StopReason reason) {
            lock.lock();
            try {
                if (waiter.given.completeExceptionally(new Stopped(reason))) {
                    waiters.remove(waiter);
                    serve();
                }
            } finally {
                lock.unlock();
            }
        }

        private int pieces(long bytes) {
            if (bytes > most()) {
                throw new IllegalArgumentException("a part of " + bytes + " bytes is over " + most());
            }
            return Math.max(1, Math.toIntExact((bytes + PIECE - 1) / PIECE));
        }

        private boolean fits(int pieces) {
            return taken + pieces <= Buffers.this.most && held + pieces <= Buffers.this.most / 2;
        }

        private Memory give(int pieces) {
            taken += pieces;
            held += pieces;
            var buffers = new ArrayList<ByteBuffer>(pieces);
            for (int i = 0; i < pieces; i++) {
                ByteBuffer used = idle.poll();
                buffers.add(used == null ? ByteBuffer.allocateDirect(PIECE) : used.clear());
            }
            return new Memory(buffers, memory -> takeBack(memory.pieces()));
        }

        private void takeBack(List<ByteBuffer> pieces) {
            lock.lock();
            try {
                idle.addAll(pieces);
                taken -= pieces.size();
                held -= pieces.size();
                serve();
            } finally {
                lock.unlock();
            }
        }
    }

    /// Gives to who waits at the head of its line, the lines in turn, for as long as anything fits.
    private void serve() {
        int passed = 0;
        while (passed < shares.size()) {
            Share share = shares.get(turn);
            turn = (turn + 1) % shares.size();
            Waiter first = share.waiters.peek();
            if (first != null && share.fits(first.pieces)) {
                share.waiters.poll();
                first.given.complete(share.give(first.pieces));
                passed = 0;
            } else {
                passed++;
            }
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
