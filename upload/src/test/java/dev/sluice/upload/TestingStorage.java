package dev.sluice.upload;

import dev.sluice.core.Commit;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
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
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A real storage that can be held or made to fail at a chosen point.
final class TestingStorage implements Storage {
    private final Storage real;
    private final Map<Point, Gate> gates = new ConcurrentHashMap<>();
    private final Map<Point, RuntimeException> failures = new ConcurrentHashMap<>();
    private volatile boolean keepsNothing;
    private volatile boolean usesUp;

    enum Point {
        BEGIN,
        WRITE,
        KEEP,
        /// The object is about to become visible.
        COMMIT,
        /// The object is visible, and the commit has not returned.
        COMMITTED,
        DISCARD
    }

    /// Where a thread waits until the test lets it go on.
    static final class Gate {
        private final AtomicInteger passes;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        Gate(int passes) {
            this.passes = new AtomicInteger(passes);
        }

        void awaitReached() {
            await(reached);
        }

        void open() {
            open.countDown();
        }

        private void pass() {
            reached.countDown();
            await(open);
        }

        private static void await(CountDownLatch latch) {
            try {
                if (!latch.await(20, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the gate was not reached or not opened in time");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    TestingStorage(Storage real) {
        this.real = real;
    }

    /// The next one who comes to `point` waits there.
    Gate hold(Point point) {
        return hold(point, 0);
    }

    /// The one who comes to `point` after so many others waits there.
    Gate hold(Point point, int others) {
        var gate = new Gate(others);
        gates.put(point, gate);
        return gate;
    }

    /// From now on whoever comes to `point` fails.
    void fail(Point point, RuntimeException how) {
        failures.put(point, how);
    }

    /// From now on nothing is kept in time, as where a provider does not answer and the token has fired.
    void keepNothing() {
        keepsNothing = true;
    }

    void heal() {
        failures.clear();
    }

    private void at(Point point) {
        Gate gate = gates.get(point);
        if (gate != null && gate.passes.getAndDecrement() == 0) {
            gates.remove(point, gate);
            gate.pass();
        }
        RuntimeException failure = failures.get(point);
        if (failure != null) {
            throw failure;
        }
    }

    /// From now on an upload that was committed has no way back.
    void useUpOnCommit() {
        usesUp = true;
    }

    @Override
    public Shape shape() {
        Shape shape = real.shape();
        return new Shape(
                shape.kind(),
                shape.remote(),
                shape.scatters(),
                shape.readsBack(),
                shape.revertible() && !usesUp,
                shape.survivesPowerCut());
    }

    @Override
    public Executor executor() {
        return real.executor();
    }

    @Override
    public boolean isHere() {
        return real.isHere();
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        return real.intend(spec);
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        at(Point.BEGIN);
        return new Upload(real.begin(intent, saved, stop));
    }

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        Resumed resumed = real.resume(state, saved, stop);
        return resumed instanceof Resumed.Open open ? new Resumed.Open(new Upload(open.upload())) : resumed;
    }

    @Override
    public long kept(UploadState state) {
        return real.kept(state);
    }

    @Override
    public void discard(UploadState state) {
        at(Point.DISCARD);
        real.discard(state);
    }

    @Override
    public void takeBack(UploadState state, ObjectRef ref) {
        real.takeBack(state, ref);
    }

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        return real.read(ref, range, stop);
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

    private final class Upload implements ObjectUpload {
        private final ObjectUpload begun;

        Upload(ObjectUpload begun) {
            this.begun = begun;
        }

        @Override
        public UploadState state() {
            return begun.state();
        }

        @Override
        public void write(ByteBuffer bytes) {
            at(Point.WRITE);
            begun.write(bytes);
        }

        @Override
        public long durable() {
            return begun.durable();
        }

        @Override
        public long keep() {
            at(Point.KEEP);
            return keepsNothing ? 0 : begun.keep();
        }

        @Override
        public OptionalLong crc32() {
            return begun.crc32();
        }

        @Override
        public ObjectContent written(ByteRange range) {
            return begun.written(range);
        }

        @Override
        public ObjectRef target() {
            return begun.target();
        }

        @Override
        public ObjectRef commit(ObjectRef target, Precondition when) throws Commit.TargetTaken {
            at(Point.COMMIT);
            ObjectRef ref = begun.commit(target, when);
            at(Point.COMMITTED);
            return ref;
        }

        @Override
        public void close() {
            begun.close();
        }
    }
}
