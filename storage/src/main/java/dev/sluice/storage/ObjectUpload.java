package dev.sluice.storage;

import dev.sluice.core.Commit;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/// One object on its way into a storage, worked on by one thread at a time. Nothing of it is visible before
/// [#commit].
///
/// All calls throw [dev.sluice.core.ProblemException]: `disk_full` (with `missing_bytes`), `upstream_…`,
/// `internal`; `size_mismatch` for bytes beyond the announced size and for a commit before it is reached. After
/// a failed write [#durable] says how far it came.
public interface ObjectUpload extends AutoCloseable {
    /// What it takes to resume or discard this upload.
    UploadState state();

    /// Takes all of `bytes`, in order; blocks while the storage is slow: this is the back-pressure.
    void write(ByteBuffer bytes);

    /// Where [Shape#scatters] and the size was announced: takes all of `bytes` at any place, also from several threads.
    /// What has come the caller knows; [#durable] is the end of what lies furthest back.
    default void write(long offset, ByteBuffer bytes) {
        throw new UnsupportedOperationException("bytes go in order here");
    }

    /// How many bytes from the start survive the death of this process.
    long durable();

    /// Makes what was written durable, also what is too little for the storage to take by itself: asked for when
    /// the sender is about to be told that its bytes are kept, and when it leaves. May take the time of the
    /// bytes that are on their way.
    ///
    /// @return as [#durable]; less than was written only where the token has fired
    default long keep() {
        return durable();
    }

    /// The CRC-32 of the durable bytes, where the storage knows it: it need not be taken from them again then.
    default OptionalLong crc32() {
        return OptionalLong.empty();
    }

    /// Where [Shape#readsBack]: reads back bytes that are durable and not yet committed, so that a digest can be taken
    /// up again.
    ObjectContent written(ByteRange range);

    /// Where a commit would make the object visible just now.
    ///
    /// @return a place that was free when it was looked at, or where this very upload stands already
    ObjectRef target();

    /// Makes the object visible under `target`, whole, and lasting through a power cut where the storage is set
    /// to it. What [#state()] describes stays until [Storage#discard]. Called again for the same target, after
    /// a crash too, it returns the same object.
    ///
    /// @throws Commit.TargetTaken where the place is taken and `when` forbids replacing
    ObjectRef commit(ObjectRef target, Precondition when) throws Commit.TargetTaken;

    /// Lets go of files and connections; the unfinished object stays resumable.
    @Override
    void close();
}
