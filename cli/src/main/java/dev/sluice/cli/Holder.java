package dev.sluice.cli;

import dev.sluice.core.BatchId;
import dev.sluice.core.JobId;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Report;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Who holds the data folder, and so does the work: this process or another one. Used by one thread.
///
/// An [IOException] means that it is gone: whoever holds the folder next goes on. What it refuses is a [Failure].
sealed interface Holder extends AutoCloseable permits ThisProcess, OtherProcess {
    /// An operation that was begun.
    record Begun(JobId id, String batch) {}

    /// @param key under which a second call makes nothing new
    Begun begin(OperationSpec spec, @Nullable BatchId batch, String key) throws IOException;

    /// Begins to take back what an operation has done.
    ///
    /// @param key under which a second call makes nothing new
    Begun undo(JobId id, String key) throws IOException;

    /// The operation that somebody means by its own id or by its batch's.
    ///
    /// @throws Failure where there is none
    JobId find(String id) throws IOException;

    /// Whether `sluice cancel` reaches it from another terminal already.
    boolean reachable();

    Standing standing(JobId id) throws IOException;

    /// Waits until something may have changed, at most so long.
    void await(Duration atMost);

    /// Decides that it stops; does nothing where it has ended.
    void cancel(JobId id) throws IOException;

    /// Waits until nothing works any more on an operation that has ended, and what it must not leave is gone.
    void settle(JobId id) throws IOException;

    Report report(JobId id) throws IOException;

    @Override
    void close();
}
