package dev.sluice.storage;

import dev.sluice.core.StopToken;
import java.util.concurrent.Executor;

/// A place for objects. Safe for use by many threads; every call may block.
///
/// All calls throw [dev.sluice.core.ProblemException]: `not_found`, `disk_full` (with `missing_bytes`),
/// `upstream_…`, `internal`.
public interface Storage extends AutoCloseable {
    Shape shape();

    /// Where code that calls this storage has to run: a bounded pool of platform threads where calls block in
    /// the kernel on files, virtual threads where they wait for a network.
    Executor executor();

    /// The state that [#begin] will have before anything is made: recorded as a debt first.
    UploadState intend(ObjectSpec spec);

    /// Begins an upload as intended. Where the storage has more to remember it saves that before it is used.
    ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop);

    Resumed resume(UploadState state, UploadStateSink saved, StopToken stop);

    /// Takes away all that an upload has made short of a committed object; idempotent. Once it returns the
    /// storage holds nothing of it.
    void discard(UploadState state);

    /// Takes a committed object back: only where what stands at `ref` is what this very upload put there. Must
    /// come before [#discard].
    void takeBack(UploadState state, ObjectRef ref);

    /// @throws dev.sluice.core.ProblemException `not_found`
    ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop);

    /// Deletes an object; one that is not there does no harm.
    void delete(ObjectRef ref);

    /// Refuses an object that would not fit just now.
    ///
    /// @throws dev.sluice.core.ProblemException `disk_full` with `missing_bytes`
    void requireSpace(long bytes);

    @Override
    void close();
}
