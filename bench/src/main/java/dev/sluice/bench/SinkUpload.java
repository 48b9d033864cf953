package dev.sluice.bench;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.UploadState;
import java.nio.ByteBuffer;

/// An upload whose bytes go down a drain; it counts them.
final class SinkUpload implements ObjectUpload {
    private final UploadState state;
    private final Drain drain;
    private final StopToken stop;
    private volatile long taken;

    SinkUpload(UploadState state, Drain drain, StopToken stop) {
        this.state = state;
        this.drain = drain;
        this.stop = stop;
    }

    @Override
    public UploadState state() {
        return state;
    }

    @Override
    public void write(ByteBuffer bytes) {
        long after = taken + bytes.remaining();
        stop.handing();
        try {
            drain.take(bytes);
        } finally {
            stop.handed();
        }
        taken = after;
    }

    @Override
    public long durable() {
        return taken;
    }

    @Override
    public ObjectContent written(ByteRange range) {
        throw new ProblemException(ErrorCode.INTERNAL, "a sink keeps nothing that could be read back");
    }

    @Override
    public ObjectRef target() {
        return new ObjectRef(state.name(), taken);
    }

    @Override
    public ObjectRef commit(ObjectRef target, Precondition when) {
        if (state.sized() && taken != state.size()) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH, "only " + taken + " of " + state.size() + " bytes have come");
        }
        drain.end();
        return target;
    }

    @Override
    public void close() {
        drain.close();
    }
}
