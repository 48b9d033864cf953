package dev.sluice.storage;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.nio.ByteBuffer;

/// An upload that had been committed before whoever committed it could say so: all that is left to do is to say it.
public final class CommittedUpload implements ObjectUpload {
    private final Storage storage;
    private final UploadState state;
    private final ObjectRef ref;
    private final StopToken stop;

    public CommittedUpload(Storage storage, UploadState state, ObjectRef ref, StopToken stop) {
        this.storage = storage;
        this.state = state;
        this.ref = ref;
        this.stop = stop;
    }

    @Override
    public UploadState state() {
        return state;
    }

    @Override
    public void write(ByteBuffer bytes) {
        if (bytes.hasRemaining()) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    state.name() + " is whole with " + ref.size() + " bytes and takes no more");
        }
    }

    @Override
    public long durable() {
        return ref.size();
    }

    @Override
    public ObjectContent written(ByteRange range) {
        return storage.read(ref, range, stop);
    }

    @Override
    public ObjectRef target() {
        return ref;
    }

    /// Nothing is left to be made visible.
    @Override
    public ObjectRef commit(ObjectRef target, Precondition when) {
        return ref;
    }

    @Override
    public void close() {}
}
