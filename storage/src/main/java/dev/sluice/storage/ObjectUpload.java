package dev.sluice.storage;

import dev.sluice.core.Commit;
import java.nio.ByteBuffer;

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

    /// How many bytes from the start survive the death of this process.
    long durable();

    /// Reads back bytes that are durable and not yet committed, so that a digest can be taken up again.
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
