package dev.sluice.house;

import dev.sluice.core.BatchId;
import dev.sluice.core.JobId;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// A file that clients want to see whole at the other end, and what they have been told about it. Safe for use
/// by many threads.
final class Cargo {
    final JobId id;
    final @Nullable BatchId batch;
    final boolean announced;
    private final byte[] content;
    private int beginning;
    private int beginners;
    private int acknowledgedSince;
    private long acknowledged;
    private volatile boolean cancelled;
    private volatile boolean completed;

    Cargo(JobId id, @Nullable BatchId batch, boolean announced, byte[] content) {
        this.id = id;
        this.batch = batch;
        this.announced = announced;
        this.content = content;
    }

    /// No two have the same bytes.
    static byte[] bytes(long seed, int size) {
        var bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    int size() {
        return content.length;
    }

    byte[] content() {
        return content;
    }

    ByteBuffer from(long offset, int length) {
        return ByteBuffer.wrap(content, (int) offset, length);
    }

    long crc() {
        var crc = new CRC32();
        crc.update(content);
        return crc.getValue();
    }

    /// Somebody is about to begin at byte 0: what was acknowledged before counts no more.
    synchronized void beginAnew() {
        beginning++;
        beginners++;
    }

    /// Whoever was about to begin has begun or given up.
    synchronized int begun() {
        beginners--;
        return ++beginning;
    }

    synchronized int beginning() {
        return beginning;
    }

    /// @param since the [#beginning] when the client that was told took hold
    synchronized void acknowledge(int since, long offset) {
        if (since == beginning && (acknowledgedSince != since || acknowledged < offset)) {
            acknowledgedSince = since;
            acknowledged = offset;
        }
    }

    /// From where a client that resumes can go on at least.
    synchronized long acknowledged() {
        return beginners == 0 && acknowledgedSince == beginning ? acknowledged : 0;
    }

    void cancelWasAnswered() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    void completionWasAnswered() {
        completed = true;
    }

    boolean isCompleted() {
        return completed;
    }

    @Override
    public String toString() {
        String text = id.value();
        return text.substring(text.length() - 4);
    }
}
