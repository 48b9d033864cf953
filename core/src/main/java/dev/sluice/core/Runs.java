package dev.sluice.core;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the jobs that have a [JobRunner], each on a thread of its own while its runner has a place. What finds none
/// waits in the store, and so does what waits for its next attempt: a sweep offers it again.
final class Runs {
    private static final Logger log = LoggerFactory.getLogger(Runs.class);
    private static final int SWEEP = 1024;

    private final Engine engine;
    private volatile List<Queue> queues = List.of();
    private final Set<Session> running = ConcurrentHashMap.newKeySet();
    private JobStore.Turn seen = JobStore.Turn.FIRST;

    Runs(Engine engine) {
        this.engine = engine;
    }

    void by(List<JobRunner> known) {
        queues = known.stream().map(runner -> new Queue(runner, this::take)).toList();
    }

    /// Who works on a job that has no client.
    Optional<JobRunner> runner(Job job) {
        return queueOf(job).map(Queue::runner);
    }

    private Optional<Queue> queueOf(Job job) {
        return queues.stream().filter(queue -> queue.runner().takes(job)).findFirst();
    }

    /// Runs the job as soon as there is a place, should it be one of these and still wait then.
    void offer(Job job) {
        if (waits(job)) {
            queueOf(job).ifPresent(queue -> queue.offer(job));
        }
    }

    /// Looks for jobs that nobody offered, behind those that the last sweep has seen: a crowd of one kind that waits
    /// does not hide the others. Called by one thread.
    void sweep() {
        List<Job> found = engine.jobs().runnable(engine.now(), seen, SWEEP);
        seen = found.size() < SWEEP ? JobStore.Turn.FIRST : JobStore.Turn.of(found.getLast());
        found.forEach(this::offer);
    }

    private void take(JobId id) {
        Job job = engine.jobs().find(id).orElse(null);
        if (job == null || !waits(job)) {
            return;
        }
        try {
            Session session = engine.take(job);
            running.add(session);
            try {
                run(runner(job).orElseThrow(), session);
            } finally {
                running.remove(session);
                session.release();
            }
        } catch (Stopped e) {
            log.debug("[{}] stopped as it began: {}", id, e.reason());
        } catch (ProblemException e) {
            log.warn("[{}] it could not be begun and waits", id, e);
        }
    }

    private boolean waits(Job job) {
        return job.state() == JobState.PENDING
                && job.node() == null
                && (job.notBefore() == null || !job.notBefore().isAfter(engine.now()));
    }

    private static void run(JobRunner runner, Session session) {
        try {
            runner.run(session);
        } catch (Stopped e) {
            log.debug("[{}] stopped: {}", session.id(), e.reason());
        } catch (Throwable e) {
            if (session.stop().stopped()) {
                log.info("[{}] it had been told to stop and broke off", session.id(), e);
            } else {
                fail(session, problem(e), e);
            }
        }
    }

    private static Problem problem(Throwable thrown) {
        return thrown instanceof ProblemException known
                ? known.problem()
                : new Problem(ErrorCode.INTERNAL, "something broke here; the log of the server says what");
    }

    private static void fail(Session session, Problem problem, Throwable cause) {
        log.warn("[{}] attempt {} failed", session.id(), session.job().attempt(), cause);
        boolean ours = session.job().node() != null && !session.job().state().ended();
        try {
            if (ours) {
                session.fail(problem);
            }
        } catch (Stopped e) {
            log.debug("[{}] decided otherwise meanwhile: {}", session.id(), e.reason());
        }
    }

    /// Takes no more jobs; those that run have been told to stop.
    void close() {
        queues.forEach(Queue::close);
    }

    /// Ends what runs as a crash would: nothing of it is written any more.
    void halt() {
        close();
        running.forEach(session -> session.stop().fire(StopReason.FENCED));
    }
}
