package dev.sluice.download;

import dev.sluice.core.StopToken;
import dev.sluice.storage.Deposit;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A storage that takes bytes one after the other: what comes too early waits with its connection.
final class InOrder implements Landing {
    private final Deposit deposit;
    private final StopToken stop;
    private final @Nullable RunningDigest digest;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final long before;
    private long written;
    private volatile long next;
    private boolean writing;
    private boolean closed;
    private @Nullable Throwable failed;

    /// @param from the first byte that comes: not behind what the storage has, before it where the digest lacks bytes
    InOrder(Deposit deposit, long from, StopToken stop, @Nullable RunningDigest digest) {
        this.deposit = deposit;
        this.stop = stop;
        this.digest = digest;
        this.next = from;
        this.before = deposit.upload().durable();
        this.written = before;
    }

    @Override
    public boolean isAnywhere() {
        return false;
    }

    @Override
    public boolean isTurn(long offset) {
        return offset == next;
    }

    @Override
    public int known(long offset, int length) {
        return Math.clamp(before - offset, 0, length);
    }

    /// Once bytes could not be written none is that come behind them: whoever brings those is told the same.
    @Override
    public void write(long offset, ByteBuffer bytes) {
        awaitTurn(offset);
        int length = bytes.remaining();
        Throwable failure = null;
        try {
            RunningDigest sums = digest;
            if (sums != null) {
                sums.update(bytes.duplicate());
            }
            int known = Math.clamp(written - offset, 0, length);
            bytes.position(bytes.position() + known);
            if (bytes.hasRemaining()) {
                int some = bytes.remaining();
                deposit.storage().call(() -> {
                    deposit.upload().write(bytes);
                    return bytes;
                });
                written += some;
            }
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            lock.lock();
            try {
                writing = false;
                failed = failure;
                next = failure == null ? offset + length : offset;
                moved.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void awaitTurn(long offset) {
        lock.lock();
        try {
            while (!closed && failed == null && !stop.stopped() && (writing || offset != next)) {
                moved.awaitUninterruptibly();
            }
            stop.check();
            switch (failed) {
                case null -> {}
                case Error error -> throw error;
                case RuntimeException thrown -> throw thrown;
                default -> throw new IllegalStateException("nothing else is thrown", failed);
            }
            if (closed) {
                throw new IllegalStateException("another connection of the download has failed");
            }
            writing = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
