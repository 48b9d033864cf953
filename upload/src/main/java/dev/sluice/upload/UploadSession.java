package dev.sluice.upload;

import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.RunningCrc32;
import dev.sluice.storage.Storage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's hold on an upload: takes the bytes in order, then commits. Used by one thread at a time, on
/// [#executor()]; only [#stop()], [#offset()], [#overrun()] and [#close()] may be called from elsewhere.
///
/// Every call throws [Stopped] once the job is cancelled, paused or taken by a newer client, and a
/// [ProblemException] where the storage fails; the job's state has followed by then, and [#close] is all that
/// is left to do.
public final class UploadSession implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UploadSession.class);
    private static final long CHECKPOINT_BYTES = 64L << 20;
    private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Engine engine;
    private final Session session;
    private final UploadSpec spec;
    private final Deposit deposit;
    private final Storage storage;
    private final ObjectUpload upload;
    private final boolean resumable;
    private final boolean resuming;
    private final long maxSize;
    private final LongAdder stored;
    private final AtomicBoolean closed = new AtomicBoolean();
    private RunningCrc32 crc;
    private volatile long offset;
    private volatile long behind;
    private volatile boolean overrun;
    /// What the storage was found to have beyond what the sender was told, until the sender has begun.
    private long untold;
    private long savedOffset;
    private long savedNanos = System.nanoTime();
    private boolean dirty;

    UploadSession(
            Engine engine,
            Session session,
            UploadSpec spec,
            Deposit deposit,
            Checkpoint saved,
            boolean resumable,
            boolean resuming,
            long maxSize,
            LongAdder stored) {
        this.engine = engine;
        this.session = session;
        this.spec = spec;
        this.deposit = deposit;
        this.storage = deposit.storage();
        this.upload = deposit.upload();
        this.resumable = resumable;
        this.resuming = resuming;
        this.maxSize = maxSize;
        this.stored = stored;
        this.offset = upload.durable();
        this.untold = Math.max(0, offset - session.job().bytes());
        this.crc = takeUp(saved);
        this.savedOffset = offset;
        session.meter().from(offset);
        session.save(new Checkpoint(offset, crc.value(), resumable));
    }

    /// Brings the digest up to what the storage has kept: a checkpoint may be a little behind it.
    private RunningCrc32 takeUp(Checkpoint saved) {
        OptionalLong known = upload.crc32();
        if (known.isPresent()) {
            return new RunningCrc32(known.getAsLong());
        }
        boolean usable = saved.offset() <= offset;
        var digest = new RunningCrc32(usable ? saved.crc32() : 0);
        long from = usable ? saved.offset() : 0;
        if (from == offset) {
            return digest;
        }
        var buffer = ByteBuffer.allocate(1 << 18);
        try (ObjectContent written = upload.written(new ByteRange(from, offset - from))) {
            while (written.read(buffer.clear()) >= 0) {
                session.stop().check();
                digest.update(buffer.flip());
            }
        }
        return digest;
    }

    public Job job() {
        return session.job();
    }

    public StopToken stop() {
        return session.stop();
    }

    /// Where this session's blocking calls have to run.
    public Executor executor() {
        return storage.executor();
    }

    /// The next byte that is expected; all before it are kept.
    public long offset() {
        return offset - behind;
    }

    /// Says from where the sender goes on: [#offset()], or where it was told to before the storage was found to have
    /// more, as it may after a crash. What comes of that is passed over.
    ///
    /// @throws ProblemException `offset_mismatch`
    public void from(long first) {
        if (untold > 0 && first == offset - untold) {
            behind = untold;
        }
        if (first != offset()) {
            throw new ProblemException(
                    ErrorCode.OFFSET_MISMATCH,
                    "the next byte is " + offset() + ", not " + first,
                    Map.of("offset", offset()));
        }
        untold = 0;
    }

    /// The file's size, or null where only the end will tell.
    public @Nullable Long size() {
        return session.job().totalBytes();
    }

    /// How many bytes may still come.
    public long room() {
        Long size = size();
        return (size == null ? maxSize : size) - offset();
    }

    /// Says how large the file is, which was not known when it was announced. Once said it stays.
    ///
    /// @throws ProblemException `too_large`; `size_mismatch` where another size was said before, or more bytes
    ///     have come
    public void announce(long size) {
        Long known = size();
        if (known == null && size > maxSize) {
            throw new ProblemException(UploadPolicy.tooLarge(size, maxSize), null);
        }
        if (known == null ? size < offset : size != known) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    "a size of " + size + " bytes does not fit: "
                            + (known == null ? offset + " have come" : known + " were announced"),
                    Map.of("offset", offset));
        }
        if (known == null) {
            session.total(size);
        }
    }

    /// Whether the last byte has come.
    public boolean whole() {
        Long size = size();
        return size != null && offset() == size;
    }

    /// Reads what has been stored.
    ObjectContent stored(long from) {
        return upload.written(new ByteRange(from, offset - from));
    }

    /// Takes all of `bytes`; blocks while the storage is slow.
    ///
    /// @throws ProblemException also `size_mismatch` or `too_large`: then the job has failed
    public void write(ByteBuffer bytes) {
        if (bytes.remaining() > room()) {
            throw failed(new ProblemException(tooMuch(offset() + bytes.remaining()), null));
        }
        passOver(bytes);
        int length = bytes.remaining();
        long after = offset + length;
        if (length == 0) {
            return;
        }
        try {
            session.started();
            dirty = true;
            ByteBuffer kept = bytes.duplicate();
            session.hand(length, () -> upload.write(bytes));
            crc.update(kept);
            offset = after;
            stored.add(length);
            saveNowAndThen();
        } catch (ProblemException e) {
            throw failed(e);
        }
    }

    private void passOver(ByteBuffer bytes) {
        untold = 0;
        long all = behind;
        int there = (int) Math.min(bytes.remaining(), all);
        bytes.position(bytes.position() + there);
        behind = all - there;
    }

    private Problem tooMuch(long sent) {
        Long size = size();
        return size == null
                ? UploadPolicy.tooLarge(sent, maxSize)
                : new Problem(
                        ErrorCode.SIZE_MISMATCH,
                        "more bytes came than the " + size + " that were announced",
                        Map.of("announced", size));
    }

    /// More bytes came after the last one: a commit that is under way fails.
    public void overrun() {
        overrun = true;
    }

    private void saveNowAndThen() {
        long now = System.nanoTime();
        if (offset - savedOffset >= CHECKPOINT_BYTES || now - savedNanos >= CHECKPOINT_NANOS) {
            storage.requireSpace(size() == null ? 0 : room());
            save();
            savedNanos = now;
        }
    }

    /// Makes sure that all bytes so far outlive this process, before their sender is told so.
    void keep() {
        try {
            if (upload.keep() < offset) {
                session.stop().check();
            } else if (dirty) {
                // Whoever cannot ask the storage, as with another key for its secrets, still tells the sender so.
                save();
            }
        } catch (ProblemException e) {
            throw failed(e);
        }
    }

    /// What a session leaves behind is kept as far as the storage can; the rest is to be sent again.
    private void leave() {
        if (session.stop().reason().filter(why -> !why.keeps()).isPresent()
                || session.job().state().ended()) {
            return;
        }
        try {
            upload.keep();
        } catch (ProblemException | Stopped e) {
            log.info("[{}] not all of what came could be kept: {}", session.id(), e.getMessage());
        }
        long kept = upload.durable();
        // More, where a stop came into a write of which the storage had taken a part.
        if (kept < offset || (kept > offset && upload.crc32().isPresent())) {
            offset = kept;
            crc = takeUp(Checkpoint.NONE);
            session.meter().from(offset);
            dirty = true;
        }
    }

    private void save() {
        session.save(new Checkpoint(offset, crc.value(), resumable));
        savedOffset = offset;
        dirty = false;
    }

    /// The last byte has come: makes the file visible and completes the job; a piece waits for the upload that
    /// takes it in. Ends the session.
    ///
    /// @return the job as it then is
    public Job finish() {
        try {
            Long size = size();
            if (size != null && offset != size) {
                throw new ProblemException(
                        ErrorCode.SIZE_MISMATCH,
                        "only " + offset + " of " + size + " bytes have come",
                        Map.of("announced", size, "offset", offset));
            }
            if (spec.isPiece()) {
                return released();
            }
            session.started();
            session.stage(Uploads.COMMIT);
            Job completed = deposit.commit(
                    this::facts,
                    spec.pieces().stream().map(Composition.Piece::upload).toList());
            close();
            engine.settle(completed.id());
            return completed;
        } catch (ProblemException e) {
            throw failed(e);
        }
    }

    private Record facts(ObjectRef ref) {
        if (overrun) {
            throw new ProblemException(tooMuch(offset + 1), null);
        }
        return new UploadFacts(spec.storage(), ref, crc.value());
    }

    /// When the upload expires should its client leave now and not come back; null where it has none.
    @Nullable
    Instant expiry() {
        return session.expiry();
    }

    /// Lets go of the upload.
    ///
    /// @return the job as this session left it
    public Job released() {
        close();
        return session.job();
    }

    /// The upload cannot go on: it waits for its next attempt where that may help, else it has failed.
    public void fail(Problem problem) {
        session.fail(problem);
    }

    /// What a problem means for an upload: what a client that goes on with it has been told is kept stays, unless it
    /// is the client's fault. Where nothing is kept there is nothing to wait with.
    ///
    /// @param resuming whether the client goes on from where the storage has kept its bytes
    /// @param keeps whether there may be any
    static void end(Session session, boolean resuming, boolean keeps, Problem problem) {
        boolean ours = problem.code().blame() != ErrorCode.Blame.USER;
        if (ours) {
            log.warn("[{}] {}: {}", session.id(), problem.code().code(), problem.message());
        }
        if (resuming && keeps && ours && !problem.retryable()) {
            session.interrupt(problem);
        } else {
            session.fail(problem);
        }
    }

    private ProblemException failed(ProblemException e) {
        try {
            end(session, resuming, upload.durable() > 0, e.problem());
        } catch (RuntimeException failing) {
            // Decided otherwise meanwhile, or the database is away: the first error is the one to tell.
            e.addSuppressed(failing);
        }
        return e;
    }

    /// Lets go: an upload that has not ended waits for its client. What it takes is done on the storage's threads,
    /// whoever calls.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            storage.call(() -> {
                letGo();
                return storage;
            });
        }
    }

    private void letGo() {
        try (session) {
            try (deposit) {
                leave();
            }
            if (dirty && !session.job().state().ended()) {
                save();
            }
        } catch (Stopped e) {
            // The job was taken meanwhile; its checkpoint is no longer ours to save.
        }
    }
}
