package dev.sluice.bench;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.Shape;
import dev.sluice.storage.Storage;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A storage that keeps nothing: what is written goes down a [Drain]. An upload that was let go of is gone.
final class SinkStorage implements Storage {
    private static final int THREADS = 4;

    private final Drains drains;
    private final Executor executor;
    private final @Nullable ExecutorService pool;

    /// Makes the drain of one upload.
    private interface Drains {
        Drain open(String id, StopToken stop);
    }

    private SinkStorage(Drains drains, Executor executor, @Nullable ExecutorService pool) {
        this.drains = drains;
        this.executor = executor;
        this.pool = pool;
    }

    /// Forgets all bytes, on as many threads as a local disk has.
    static SinkStorage forgetting() {
        ExecutorService pool = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon().name("sink-", 1).factory());
        return new SinkStorage((id, stop) -> Drain.FORGETTING, pool, pool);
    }

    /// Sends the bytes of each upload down a connection of its own.
    static SinkStorage sendingTo(SocketAddress sink) {
        return new SinkStorage(
                (id, stop) -> new SocketDrain(sink, id, stop),
                task -> Thread.ofVirtual().name("sink").start(task),
                null);
    }

    @Override
    public Shape shape() {
        return new Shape("sink", true, false, false, true, false);
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public boolean isHere() {
        return Thread.currentThread().isVirtual() == (pool == null);
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        return new UploadState(spec.id(), spec.name(), spec.size(), spec.contentType(), "");
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        return new SinkUpload(intent, drains.open(intent.id(), stop), stop);
    }

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        return new Resumed.Gone();
    }

    @Override
    public long kept(UploadState state) {
        return 0;
    }

    @Override
    public void discard(UploadState state) {}

    @Override
    public void takeBack(UploadState state, ObjectRef ref) {}

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        throw new ProblemException(ErrorCode.NOT_FOUND, "a sink keeps nothing, " + ref.key() + " neither");
    }

    @Override
    public void delete(ObjectRef ref) {}

    @Override
    public void requireSpace(long bytes) {}

    @Override
    public void close() {
        if (pool != null) {
            pool.shutdown();
        }
    }
}
