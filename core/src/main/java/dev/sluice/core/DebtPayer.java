package dev.sluice.core;

import java.util.OptionalLong;

/// Takes away what a debt of one type stands for.
@FunctionalInterface
public interface DebtPayer {
    /// Returns once the provider, the folder or the process table no longer shows it; paying twice does no
    /// harm.
    ///
    /// @throws Exception where it is still there: the debt stays and is tried again
    void pay(Debt debt) throws Exception;

    /// Where something that is owed lies. What lies at one place does not wait for what lies at another.
    ///
    /// @param name tells it from others
    /// @param remote whether taking away is calls of a network, which wait, or work on a disk
    record Place(String name, boolean remote) {
        /// What this node has beside its storages.
        public static final Place HERE = new Place("here", false);
    }

    /// Where this debt lies: it is paid on a thread of that place.
    default Place place(Debt debt) {
        return Place.HERE;
    }

    /// Whether whoever goes on with the job goes on from what is owed: then it is not paid before the job has ended.
    default boolean isNeeded(Debt debt) {
        return false;
    }

    /// Whether what is owed can be taken for what a later session of its job publishes: none begins before it is paid.
    default boolean isPublished(Debt debt) {
        return debt.when() == Debt.When.UNLESS_COMPLETED;
    }

    /// Learns at the start, before anything else is begun, what is owed from earlier.
    default void recall(Debt debt) {}

    /// How many bytes of its job are kept in what is owed, where it holds any: what a job goes on from after a
    /// crash, which its last checkpoint may not have heard of.
    ///
    /// @throws Exception where that cannot be told now
    default OptionalLong kept(Debt debt) throws Exception {
        return OptionalLong.empty();
    }
}
