package dev.sluice.core;

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
}
