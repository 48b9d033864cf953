package dev.sluice.server;

import dev.sluice.core.Commit;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.Shape;
import dev.sluice.storage.Storage;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A folder that writes down the threads on which it works; as a cloud it wants virtual ones.
record WatchedStorage(
        LocalStorage real,
        Set<String> seen,
        String kind,
        @Nullable Executor instead,
        Runnable beforeTakingAway) implements Storage {
    private <T> T here(Supplier<T> work) {
        Thread thread = Thread.currentThread();
        seen.add(thread.isVirtual() ? "virtual" : thread.getName());
        return work.get();
    }

    private void here(Runnable work) {
        here(() -> {
            work.run();
            return real;
        });
    }

    @Override
    public Shape shape() {
        return new Shape(kind, kind.equals("cloud"), false, true, true, false);
    }

    @Override
    public Executor executor() {
        return instead == null ? real.executor() : instead;
    }

    @Override
    public boolean isHere() {
        return instead == null ? real.isHere() : Thread.currentThread().isVirtual();
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        return real.intend(spec);
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        return here(() -> new WatchedUpload(this, real.begin(intent, saved, stop)));
    }

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        return here(() -> real.resume(state, saved, stop) instanceof Resumed.Open open
                ? new Resumed.Open(new WatchedUpload(this, open.upload()))
                : new Resumed.Gone());
    }

    @Override
    public void recall(UploadState state) {
        seen.add("recalled " + state.id());
    }

    @Override
    public long kept(UploadState state) {
        return real.kept(state);
    }

    /// Debts are paid on threads of their own.
    @Override
    public void discard(UploadState state) {
        beforeTakingAway.run();
        real.discard(state);
    }

    @Override
    public void takeBack(UploadState state, ObjectRef ref) {
        real.takeBack(state, ref);
    }

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        return here(() -> new WatchedContent(this, real.read(ref, range, stop)));
    }

    @Override
    public void delete(ObjectRef ref) {
        real.delete(ref);
    }

    @Override
    public void requireSpace(long bytes) {
        real.requireSpace(bytes);
    }

    @Override
    public void close() {
        real.close();
    }

    private record WatchedUpload(WatchedStorage in, ObjectUpload real) implements ObjectUpload {
        @Override
        public UploadState state() {
            return real.state();
        }

        @Override
        public void write(ByteBuffer bytes) {
            in.here(() -> real.write(bytes));
        }

        @Override
        public long durable() {
            return real.durable();
        }

        @Override
        public long keep() {
            return in.here(real::keep);
        }

        @Override
        public ObjectContent written(ByteRange range) {
            return in.here(() -> real.written(range));
        }

        @Override
        public ObjectRef target() {
            return in.here(real::target);
        }

        @Override
        public ObjectRef commit(ObjectRef target, Precondition when) throws Commit.TargetTaken {
            in.here(() -> {});
            return real.commit(target, when);
        }

        @Override
        public void close() {
            in.here(real::close);
        }
    }

    private record WatchedContent(WatchedStorage in, ObjectContent real) implements ObjectContent {
        @Override
        public long remaining() {
            return real.remaining();
        }

        @Override
        public int read(ByteBuffer target) {
            return in.here(() -> real.read(target));
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
