package dev.sluice.storage;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Outcome;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/// A place for objects. Safe for use by many threads; every call may block.
///
/// All calls throw [dev.sluice.core.ProblemException]: `not_found`, `disk_full` (with `missing_bytes`),
/// `upstream_…`, `internal`, where a state or a key is none of this storage's, too. Those that are given a stop
/// token throw [dev.sluice.core.Stopped] once it has fired.
public interface Storage extends AutoCloseable {
    Shape shape();

    /// Where code that calls this storage has to run: a bounded pool of platform threads where calls block in
    /// the kernel on files, virtual threads where they wait for a network.
    Executor executor();

    /// Whether this thread is one of [#executor()]'s, so that this storage may be called right here.
    default boolean isHere() {
        return Thread.currentThread().isVirtual();
    }

    /// Runs `work` where this storage wants it, and waits for it; whoever is there already runs it right there.
    default <T> T call(Supplier<T> work) {
        if (isHere()) {
            return work.get();
        }
        try {
            return Outcome.of(CompletableFuture.supplyAsync(work, executor()));
        } catch (RejectedExecutionException e) {
            // The server is going down and its storages are closed.
            return work.get();
        }
    }

    /// The state that [#begin] will have before anything is made: recorded as a debt first.
    UploadState intend(ObjectSpec spec);

    /// Begins an upload as intended. Where the storage has more to remember it saves that before it is used.
    ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop);

    /// Takes up an upload whose process has died or that was closed. Where it is gone, nothing of it is left
    /// and it may be begun again.
    Resumed resume(UploadState state, UploadStateSink saved, StopToken stop);

    /// Learns at the start of an upload that an earlier process has begun: where that goes, no other one may.
    default void recall(UploadState state) {}

    /// How many bytes of an upload are kept, whether its process lives or has died; 0 where nothing is.
    long kept(UploadState state);

    /// Takes away all that an upload has made short of a committed object; idempotent. Once it returns the
    /// storage holds nothing of it.
    void discard(UploadState state);

    /// Takes a committed object back: only where what stands at `ref` is what this very upload put there. Must
    /// come before [#discard]; the upload is afterwards as it was before its commit, or gone where the storage has
    /// no way back. Idempotent.
    void takeBack(UploadState state, ObjectRef ref);

    /// @throws dev.sluice.core.ProblemException `not_found`; `source_changed` where another object stands
    ///     there, or this one was written to; `invalid_request` where the range goes beyond the end
    ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop);

    /// Deletes an object; one that is not there does no harm, and another one under its name stays.
    void delete(ObjectRef ref);

    /// Refuses an object that would not fit just now.
    ///
    /// @throws dev.sluice.core.ProblemException `disk_full` with `missing_bytes`
    void requireSpace(long bytes);

    /// The accounts that it is reached through, where those are several or may be; in the order of their names.
    default List<StorageAccount> accounts() {
        return List.of();
    }

    /// Takes up an account that a user has given leave to use.
    ///
    /// @param grant what the provider gave for it, a secret
    /// @throws dev.sluice.core.ProblemException `invalid_request` where the storage takes none; `upstream_…` where the
    ///     provider does not know the grant
    default StorageAccount connect(String grant) {
        throw new ProblemException(ErrorCode.INVALID_REQUEST, "a storage of this kind takes no accounts of users");
    }

    /// Forgets an account.
    ///
    /// @throws dev.sluice.core.ProblemException `not_found` where it was not connected
    default void disconnect(String account) {
        throw new ProblemException(ErrorCode.NOT_FOUND, "there is no account " + account);
    }

    @Override
    void close();
}
