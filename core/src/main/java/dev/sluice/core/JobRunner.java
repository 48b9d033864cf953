package dev.sluice.core;

import java.util.List;

/// What the server itself does for jobs of one sort, which have no client: plain blocking code on a thread of
/// its own.
public interface JobRunner {
    /// Whether the job is one of these.
    boolean takes(Job job);

    /// Does the job, from where its last checkpoint says; returns once it has ended. Throws [Stopped] where the
    /// job is to stop: after a crash or a drain it is run again, which is no attempt.
    ///
    /// @throws ProblemException why it could not be done: it is tried again where that may help, else it fails
    void run(Session session);

    /// How many of its jobs run at a time on this node.
    default int places() {
        return 4;
    }

    /// What a job takes a share of while it runs, as its owner's or a host's: where one is used up the job waits, and
    /// those behind it go first.
    default List<Share> shares(Job job) {
        return List.of();
    }

    /// @param of what is shared, by a name of the runner's own
    /// @param most how many jobs may have one at a time
    record Share(String of, int most) {}
}
