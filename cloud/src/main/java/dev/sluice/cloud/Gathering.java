package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.RunningCrc32;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one part of an upload that is being gathered: in memory, and where it is set aside in the data folder. Worked on
/// by whoever works on its [Parts].
final class Gathering {
    /// How long a part may be gathered while others wait for memory.
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);
    /// So many bytes are written to the data folder at a time, at the least.
    private static final int HANDFUL = 16 << 10;

    private final Supplies supplies;
    private final String upload;

    private long begin;

    /// Null before its first byte and while it is set aside.
    private @Nullable Memory memory;

    private long since;
    private boolean aside;
    private RunningCrc32 crc32;

    /// So many of its bytes lie in the data folder, and in memory too unless it is set aside.
    private long tail;

    /// What follows them while it is set aside, as long as it is too little to be written there.
    private @Nullable ByteBuffer handful;

    /// @param kept what there was of the upload before
    Gathering(Supplies supplies, String upload, Parts.Kept kept) {
        this.supplies = supplies;
        this.upload = upload;
        this.begin = kept.bytes();
        this.tail = kept.tail();
        this.crc32 = new RunningCrc32(kept.tailCrc32());
    }

    /// Where in the object it begins.
    long begin() {
        return begin;
    }

    /// How much of it has been gathered.
    long size() {
        Memory in = memory;
        return in == null ? tail + (handful == null ? 0 : handful.position()) : in.size();
    }

    /// Of what has been gathered.
    long crc32() {
        return crc32.value();
    }

    /// What it is gathered in, or null.
    @Nullable
    Memory memory() {
        return memory;
    }

    /// Whether it has yet to be given memory or be set aside.
    boolean hasNoPlace() {
        return memory == null && !aside;
    }

    /// There is no memory for it just now.
    void setAside() {
        aside = true;
    }

    void add(ByteBuffer bytes) {
        ByteBuffer taken = bytes.duplicate();
        Memory in = memory;
        if (in == null) {
            addAside(bytes);
        } else {
            in.add(bytes);
        }
        crc32.update(taken);
    }

    private void addAside(ByteBuffer bytes) {
        if (bytes.remaining() >= HANDFUL) {
            keepHandful();
            keep(bytes);
            return;
        }
        ByteBuffer few = handful == null ? ByteBuffer.allocate(HANDFUL) : handful;
        handful = few;
        if (bytes.remaining() > few.remaining()) {
            keepHandful();
        }
        few.put(bytes);
    }

    /// Moves it into memory, with what lies in the data folder. Memory that it cannot be moved to is released.
    void load(Memory into) {
        try {
            replay(into);
        } catch (RuntimeException e) {
            into.release();
            throw e;
        }
        ByteBuffer few = handful;
        if (few != null) {
            into.add(few.flip());
        }
        handful = null;
        memory = into;
        since = System.nanoTime();
        aside = false;
    }

    private void replay(Memory into) {
        if (tail > 0) {
            supplies.tails().replay(upload, begin, into::add);
        }
        if (into.size() != tail) {
            throw new ProblemException(
                    ErrorCode.INTERNAL, "the tail of upload " + upload + " has changed in the data folder");
        }
    }

    /// Is set aside where it has been gathered for long while others wait for memory.
    void giveWay() {
        Memory in = memory;
        if (in != null
                && System.nanoTime() - since > TURN_NANOS
                && supplies.memory().wanted()) {
            keepGathered(in);
            release();
            aside = true;
        }
    }

    /// All that has been gathered lies in the data folder afterwards.
    ///
    /// @return how much
    long keep() {
        Memory in = memory;
        if (in == null) {
            keepHandful();
        } else {
            keepGathered(in);
        }
        return tail;
    }

    private void keepGathered(Memory in) {
        if (in.size() > tail) {
            supplies.tails().add(upload, begin, begin + tail, in.from(tail));
            tail = in.size();
        }
    }

    private void keepHandful() {
        ByteBuffer few = handful;
        if (few != null) {
            keep(few.duplicate().flip());
            few.clear();
        }
    }

    /// Adds to the tail.
    private void keep(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return;
        }
        supplies.tails().add(upload, begin, begin + tail, List.of(bytes));
        tail += bytes.remaining();
        bytes.position(bytes.limit());
    }

    /// It has gone, and its memory with it: the next one is gathered.
    void next() {
        begin += size();
        memory = null;
        crc32 = new RunningCrc32(0);
        tail = 0;
    }

    void release() {
        Memory in = memory;
        if (in != null) {
            in.release();
            memory = null;
        }
    }
}
