package dev.sluice.core;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whoever wants to know what the engine does while it does it: watchers of progress, meters. Called on the
/// engine's threads; returns at once.
public interface Observer {
    /// What has moved since the last tick.
    default void progress(List<Progress> moved) {}

    /// A cancel has gone all its way.
    default void cancelled(Cancelled cancelled) {}

    default void debtPaid(Debt debt) {}

    default void debtUnpaid(Debt debt, Exception why) {}

    /// What a cancel took.
    ///
    /// @param phase where it met the job: `pending`, `paused` or the name of a stage
    /// @param decided from the request's arrival until the state had changed
    /// @param lastByte from the request's arrival until the last byte was handed on, where one was
    /// @param cleanup whether anything is left
    record Cancelled(
            Job job,
            CancelSource by,
            String phase,
            Duration decided,
            @Nullable Duration lastByte,
            long bytes,
            CancelReceipt.Cleanup cleanup) {}
}
