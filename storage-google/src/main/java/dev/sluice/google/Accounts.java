package dev.sluice.google;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.StorageAccount;
import java.util.List;

/// Who may ask for a storage: one, or several that stand in for each other. Safe for use by many threads.
public interface Accounts extends AutoCloseable {
    /// An account that looks for, reads and deletes what no upload of ours is known to have made.
    ///
    /// @throws dev.sluice.core.ProblemException where there is none
    Account any(StopToken stop);

    /// The account that an upload is to be begun with. What it will need is kept free for it until [#release]; what was
    /// kept free for it before is not any more.
    ///
    /// @param upload its id
    /// @param size of the upload, [dev.sluice.storage.ObjectSpec#UNKNOWN] where it is not known
    /// @throws dev.sluice.core.ProblemException `quota_exceeded` where there is none that could take it: it names each,
    ///     and why
    Account reserve(String upload, long size, StopToken stop);

    /// The account that an upload was begun with, set aside or not, with so much room kept free as it still needs.
    ///
    /// @throws dev.sluice.core.ProblemException `upstream_refused` where it is not configured any more
    default Account resume(String upload, String id, long left) {
        return named(id);
    }

    /// An upload is over, or rests.
    default void release(String upload) {}

    /// The account that an upload was begun with, set aside or not.
    ///
    /// @param id as [Account#id] gave it
    /// @throws dev.sluice.core.ProblemException `upstream_refused` where it is not configured any more
    Account named(String id);

    /// As [dev.sluice.storage.Storage#accounts].
    default List<StorageAccount> standing() {
        return List.of();
    }

    /// As [dev.sluice.storage.Storage#connect].
    default StorageAccount connect(String grant) {
        throw new ProblemException(ErrorCode.INVALID_REQUEST, "a storage of this kind takes no accounts of users");
    }

    /// As [dev.sluice.storage.Storage#disconnect].
    default void disconnect(String account) {
        throw new ProblemException(ErrorCode.NOT_FOUND, "there is no account " + account);
    }

    @Override
    default void close() {}
}
