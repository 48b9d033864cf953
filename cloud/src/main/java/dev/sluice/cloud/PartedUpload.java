package dev.sluice.cloud;

import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// An object on its way to a provider in [Parts]: what is the same for all of them.
public abstract class PartedUpload implements ObjectUpload {
    private @Nullable ObjectRef committed;

    protected abstract Parts parts();

    /// Makes the object visible, once all of its bytes are there.
    ///
    /// @throws Commit.TargetTaken where something else stands there
    protected abstract ObjectRef place(ObjectRef target, Precondition when) throws Commit.TargetTaken;

    @Override
    public void write(ByteBuffer bytes) {
        parts().write(bytes);
    }

    @Override
    public long durable() {
        return parts().durable();
    }

    @Override
    public OptionalLong crc32() {
        return parts().crc32();
    }

    @Override
    public long keep() {
        return parts().keep();
    }

    @Override
    public ObjectContent written(ByteRange range) {
        throw new ProblemException(
                ErrorCode.INVALID_REQUEST, "what is not committed yet cannot be read back from this storage");
    }

    /// How many bytes the object has, or has so far where that was not said.
    protected long size() {
        return state().sized() ? state().size() : parts().accepted();
    }

    protected boolean isCommitted() {
        return committed != null;
    }

    @Override
    public ObjectRef commit(ObjectRef target, Precondition when) throws Commit.TargetTaken {
        ObjectRef before = committed;
        if (before != null && before.key().equals(target.key())) {
            return before;
        }
        if (parts().accepted() != size()) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    state().name() + " was announced with " + state().size() + " bytes and has " + parts().accepted()
                            + ": send the rest first");
        }
        ObjectRef ref = place(target, when);
        committed = ref;
        parts().letGo();
        return ref;
    }
}
