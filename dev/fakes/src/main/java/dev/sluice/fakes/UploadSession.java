package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// An upload that is under way, and later what became of it. Any number of requests may touch it; the bytes of
/// the latest one count, those of one that is still being read from before do not (unverified).
final class UploadSession {
    private final String name;
    private final Target target;
    private final Account account;
    private final Content content;
    private final int kept;
    private final ReentrantLock lock = new ReentrantLock();
    private long total;
    private long writer;
    private Instant lastUsed;
    private @Nullable ObjectNode done;

    /// Where the bytes are to become an object.
    interface Target {
        /// Makes the object visible; the content is then its own.
        ///
        /// @throws Refusal where it must not be; the session stays open
        ObjectNode complete(Content content, Exchange exchange);
    }

    /// @param total -1 where it was not announced
    UploadSession(String name, Target target, Account account, Content content, int kept, long total, Instant now) {
        this.name = name;
        this.target = target;
        this.account = account;
        this.content = content;
        this.kept = kept;
        this.total = total;
        this.lastUsed = now;
    }

    Account account() {
        return account;
    }

    OpenSession shown(String id) {
        lock.lock();
        try {
            return new OpenSession(id, name, content.marked(), total, lastUsed);
        } finally {
            lock.unlock();
        }
    }

    /// What it became, where it has.
    @Nullable
    ObjectNode done() {
        lock.lock();
        try {
            return done;
        } finally {
            lock.unlock();
        }
    }

    /// Bytes that are kept.
    long received() {
        lock.lock();
        try {
            return content.marked();
        } finally {
            lock.unlock();
        }
    }

    Instant lastUsed() {
        lock.lock();
        try {
            return lastUsed;
        } finally {
            lock.unlock();
        }
    }

    void used(Instant now) {
        lock.lock();
        try {
            lastUsed = now;
        } finally {
            lock.unlock();
        }
    }

    /// @throws Refusal where another size was announced before
    void announce(long size) {
        lock.lock();
        try {
            if (total >= 0 && total != size) {
                throw Refusal.invalid("Invalid request. The size of the upload was " + total + " and is now " + size
                        + ", which is not allowed.");
            }
            total = size;
        } finally {
            lock.unlock();
        }
    }

    boolean announced() {
        lock.lock();
        try {
            return total >= 0;
        } finally {
            lock.unlock();
        }
    }

    /// Begins to write where the kept bytes end.
    ///
    /// @return what a writer shows with each piece
    long write() {
        lock.lock();
        try {
            content.reset();
            return ++writer;
        } finally {
            lock.unlock();
        }
    }

    void append(long by, ByteBuffer bytes) {
        lock.lock();
        try {
            if (by != writer || done != null) {
                return;
            }
            while (bytes.hasRemaining()) {
                int length = (int) Math.min(bytes.remaining(), kept - content.size() % kept);
                content.append(bytes.slice(bytes.position(), length));
                bytes.position(bytes.position() + length);
                if (content.size() % kept == 0) {
                    content.mark();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// The chunk has come as a whole: all of it is kept.
    void keep(long by) {
        lock.lock();
        try {
            if (by == writer) {
                content.mark();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The chunk broke off: what is behind the last multiple is gone.
    void breakOff(long by) {
        lock.lock();
        try {
            if (by == writer && done == null) {
                content.reset();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Completes it where all bytes are there.
    @Nullable
    ObjectNode finish(Exchange exchange) {
        lock.lock();
        try {
            if (done == null && content.marked() == total && content.size() == total) {
                done = target.complete(content, exchange);
            }
            return done;
        } finally {
            lock.unlock();
        }
    }

    /// Drops the bytes of a session that became nothing.
    void discard() {
        lock.lock();
        try {
            writer++;
            if (done == null) {
                content.delete();
            }
        } finally {
            lock.unlock();
        }
    }
}
