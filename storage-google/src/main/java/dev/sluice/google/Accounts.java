package dev.sluice.google;

import dev.sluice.core.StopToken;

/// Who may ask for a storage: one, or several that stand in for each other. Safe for use by many threads.
public interface Accounts {
    /// The account that an upload is to be begun with, or that looks for, reads and deletes what no upload of ours is
    /// known to have made.
    ///
    /// @param size of the upload, [dev.sluice.storage.ObjectSpec#UNKNOWN] where it is not known, 0 where there is none
    /// @throws dev.sluice.core.ProblemException where there is none that could take it: the words of why the last one
    ///     was set aside
    Account choose(long size, StopToken stop);

    /// The account that an upload was begun with, set aside or not.
    ///
    /// @param id as [Account#id] gave it
    /// @throws dev.sluice.core.ProblemException `upstream_refused` where it is not configured any more
    Account named(String id);
}
