package dev.sluice.storage;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The free space of a folder's disk beyond what stays reserved: seen now and then, counted down by all writers
/// in between, so that many at once leave the reserve free as one would. Safe for use by many threads.
final class Room {
    private static final long SEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Folder folder;
    private final long reserveBytes;
    private final AtomicLong left = new AtomicLong();
    private volatile long seenNanos = System.nanoTime() - SEEN_NANOS;

    Room(Folder folder, long reserveBytes) {
        if (reserveBytes < 0) {
            throw new IllegalArgumentException("no disk keeps a reserve of " + reserveBytes + " bytes");
        }
        this.folder = folder;
        this.reserveBytes = reserveBytes;
    }

    /// What can be written just now; negative where the reserve is touched already.
    long left() throws IOException {
        return folder.usable() - reserveBytes;
    }

    /// Takes room for `bytes` that are about to be written.
    ///
    /// @param rest what is still to be written of the whole object
    /// @throws dev.sluice.core.ProblemException `disk_full` with `missing_bytes`
    void take(long bytes, long rest, String consequence) throws IOException {
        if (System.nanoTime() - seenNanos < SEEN_NANOS && left.addAndGet(-bytes) >= 0) {
            return;
        }
        long seen = left();
        left.set(seen - bytes);
        seenNanos = System.nanoTime();
        if (seen < bytes) {
            throw folder.full(Math.max(rest, bytes) - seen, consequence, null);
        }
    }
}
