package dev.sluice.core;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What a job's work counts as it goes: no locks, no messages. The ticker reads it ten times a second. Safe for
/// use by many threads.
public final class Meter {
    private final AtomicLong bytes = new AtomicLong();
    private volatile long total = -1;
    private volatile @Nullable Items items;
    private volatile @Nullable String current;

    private record Items(long done, long total) {}

    /// Says how many bytes there will be.
    public void total(long bytesInAll) {
        total = bytesInAll;
    }

    public void add(long moreBytes) {
        bytes.addAndGet(moreBytes);
    }

    /// Takes bytes back that turned out not to count.
    public void back(long fewerBytes) {
        bytes.addAndGet(-fewerBytes);
    }

    /// Starts over from `bytesDone`, as a resumed job does.
    public void from(long bytesDone) {
        bytes.set(bytesDone);
    }

    public void items(long done, long totalItems) {
        items = new Items(done, totalItems);
    }

    public void current(@Nullable String name) {
        current = name;
    }

    public long bytes() {
        return bytes.get();
    }

    /// The bytes there will be, or null while nobody knows.
    public @Nullable Long total() {
        long known = total;
        return known < 0 ? null : known;
    }

    /// The fraction done, 0–1: by bytes where their total is known, else by items, else 0.
    double fraction() {
        long known = total;
        if (known >= 0) {
            return known == 0 ? 1.0 : (double) bytes.get() / known;
        }
        Items counted = items;
        return counted == null || counted.total() == 0 ? 0.0 : (double) counted.done() / counted.total();
    }

    Progress read(JobId job, double percent, @Nullable Double rate) {
        long done = bytes.get();
        Long known = total();
        Items counted = items;
        Double eta = rate == null || rate < 1 || known == null ? null : (known - done) / rate;
        return new Progress(
                job,
                percent,
                done,
                known,
                rate,
                eta,
                counted == null ? null : (Long) counted.done(),
                counted == null ? null : (Long) counted.total(),
                current);
    }
}
