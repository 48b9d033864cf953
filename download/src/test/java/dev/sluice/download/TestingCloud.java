package dev.sluice.download;

import dev.sluice.core.Commit;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.Durability;
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
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/// A folder that takes bytes as a cloud does and does not give back what is unfinished; it fails as it is told to.
final class TestingCloud implements Storage {
    private final LocalStorage folder;
    private final boolean scatters;
    private final AtomicLong taken = new AtomicLong();
    private volatile Fault beginning = offset -> {};
    private volatile Fault writing = offset -> {};
    private volatile Fault committing = offset -> {};

    /// What happens before an upload is begun, bytes are taken, or an object is made visible.
    @FunctionalInterface
    interface Fault {
        /// @param offset of the bytes; how many there are as they are made visible; 0 at the beginning
        void happen(long offset);
    }

    TestingCloud(Path folder, boolean scatters) {
        this.folder = new LocalStorage(folder, Durability.PROCESS, 0);
        this.scatters = scatters;
    }

    void onBegin(Fault fault) {
        beginning = fault;
    }

    void onWrite(Fault fault) {
        writing = fault;
    }

    void onCommit(Fault fault) {
        committing = fault;
    }

    /// How many bytes it has taken, in all.
    long taken() {
        return taken.get();
    }

    @Override
    public Shape shape() {
        return new Shape("cloud", true, scatters, scatters, true, false);
    }

    @Override
    public Executor executor() {
        return folder.executor();
    }

    @Override
    public boolean isHere() {
        return folder.isHere();
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        return folder.intend(spec);
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        beginning.happen(0);
        return new Upload(folder.begin(intent, saved, stop));
    }

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        Resumed resumed = folder.resume(state, saved, stop);
        return resumed instanceof Resumed.Open open ? new Resumed.Open(new Upload(open.upload())) : resumed;
    }

    @Override
    public long kept(UploadState state) {
        return folder.kept(state);
    }

    @Override
    public void discard(UploadState state) {
        folder.discard(state);
    }

    @Override
    public void takeBack(UploadState state, ObjectRef ref) {
        folder.takeBack(state, ref);
    }

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        return folder.read(ref, range, stop);
    }

    @Override
    public void delete(ObjectRef ref) {
        folder.delete(ref);
    }

    @Override
    public void requireSpace(long bytes) {
        folder.requireSpace(bytes);
    }

    @Override
    public void close() {
        folder.close();
    }

    private final class Upload implements ObjectUpload {
        private final ObjectUpload upload;

        Upload(ObjectUpload upload) {
            this.upload = upload;
        }

        @Override
        public UploadState state() {
            return upload.state();
        }

        @Override
        public void write(ByteBuffer bytes) {
            int length = bytes.remaining();
            writing.happen(upload.durable());
            upload.write(bytes);
            taken.addAndGet(length);
        }

        @Override
        public void write(long offset, ByteBuffer bytes) {
            int length = bytes.remaining();
            writing.happen(offset);
            upload.write(offset, bytes);
            taken.addAndGet(length);
        }

        @Override
        public long durable() {
            return upload.durable();
        }

        @Override
        public ObjectContent written(ByteRange range) {
            return upload.written(range);
        }

        @Override
        public ObjectRef target() {
            return upload.target();
        }

        @Override
        public ObjectRef commit(ObjectRef target, Precondition when) throws Commit.TargetTaken {
            committing.happen(upload.durable());
            return upload.commit(target, when);
        }

        @Override
        public void close() {
            upload.close();
        }
    }
}
