package dev.sluice.core;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The events of all jobs, for a bounded while.
public interface EventLog {
    /// The name of this log's incarnation: positions of another one mean nothing here.
    String epoch();

    /// The number of the last committed event; 0 where there was none.
    long position();

    /// The number below which events are no longer held: a reader that has seen up to `floor() - 1` misses
    /// nothing.
    long floor();

    /// Events after `after` up to and including `upTo`, in their order.
    ///
    /// @param job only this job's, or all
    List<Event> read(long after, long upTo, @Nullable JobId job, int limit);

    /// The same of the jobs that a batch has; those of removed ones are left out.
    List<Event> ofBatch(long after, long upTo, BatchId batch, int limit);

    /// Hands every group of committed events to `listener`, in their order and without gaps, on the writer's
    /// thread: it returns at once.
    void subscribe(Consumer<List<Event>> listener);

    /// Drops what is older or more than the log is to hold.
    void trim();
}
