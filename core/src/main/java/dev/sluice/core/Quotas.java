package dev.sluice.core;

import java.util.List;

/// What an owner may still begin. Safe for use by many threads.
public interface Quotas {
    /// Everything.
    Quotas NONE = (owner, jobs) -> {};

    /// Lets jobs be begun, and counts them.
    ///
    /// @param jobs all of one owner
    /// @throws ProblemException `limit_exceeded` where they are more than may be, with the seconds to wait
    void take(Owner owner, List<NewJob> jobs);
}
