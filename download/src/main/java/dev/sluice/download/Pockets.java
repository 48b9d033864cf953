package dev.sluice.download;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Memory outside the heap for bytes between a socket and a storage. A download always has one small pocket, so that
/// it goes on; more, and large ones, it has as long as there are some. Safe for use by many threads.
final class Pockets {
    static final int SMALL = 256 << 10;
    /// What a connection fetches ahead of its turn.
    static final int LARGE = 4 << 20;

    private static final int BUDGET = 64 << 20;

    private final Semaphore budget = new Semaphore(BUDGET / SMALL);
    private final ConcurrentLinkedDeque<ByteBuffer> small = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedDeque<ByteBuffer> large = new ConcurrentLinkedDeque<>();

    /// @param counted whether it is given back to the budget
    record Pocket(ByteBuffer bytes, boolean counted) {}

    Pocket first() {
        return new Pocket(pooled(small, SMALL), false);
    }

    /// Another one; null where there is none just now.
    @Nullable
    Pocket more(int size) {
        if (!budget.tryAcquire(size / SMALL)) {
            return null;
        }
        try {
            return new Pocket(pooled(size == SMALL ? small : large, size), true);
        } catch (OutOfMemoryError e) {
            budget.release(size / SMALL);
            return null;
        }
    }

    private static ByteBuffer pooled(ConcurrentLinkedDeque<ByteBuffer> pool, int size) {
        ByteBuffer pooled = pool.poll();
        return pooled == null ? ByteBuffer.allocateDirect(size) : pooled;
    }

    void giveBack(Pocket pocket) {
        int size = pocket.bytes().capacity();
        (size == SMALL ? small : large).push(pocket.bytes().clear());
        if (pocket.counted()) {
            budget.release(size / SMALL);
        }
    }
}
