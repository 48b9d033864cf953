package dev.sluice.core;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Jobs that wait for a place of one runner, and those that have one. The first in order whose shares are free goes
/// next. Safe for use by many threads.
final class Queue {
    /// Who stands further back waits in the store, where a sweep looks for it.
    private static final int MOST = 4096;

    private final JobRunner runner;
    private final Consumer<JobId> work;
    private final ThreadFactory threads =
            Thread.ofPlatform().daemon().name("runner-", 1).factory();
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeSet<Waiter> waiting = new TreeSet<>(Comparator.comparingLong(Waiter::rank)
            .thenComparing(waiter -> waiter.job().value()));
    private final Map<JobId, Waiter> known = new HashMap<>();
    private final Set<JobId> running = new HashSet<>();
    private final Map<String, Integer> taken = new HashMap<>();
    private boolean closed;

    private record Waiter(JobId job, long rank, List<JobRunner.Share> shares) {}

    /// @param work what is done with a job that has a place, on a thread of its own
    Queue(JobRunner runner, Consumer<JobId> work) {
        this.runner = runner;
        this.work = work;
    }

    JobRunner runner() {
        return runner;
    }

    /// The job waits for a place; where it does already, from now on at its present rank.
    void offer(Job job) {
        var waiter = new Waiter(job.id(), job.rank(), runner.shares(job));
        lock.lock();
        try {
            if (closed || running.contains(job.id())) {
                return;
            }
            leave(known.put(job.id(), waiter));
            waiting.add(waiter);
        } finally {
            lock.unlock();
        }
        startNext();
        bound();
    }

    /// After the start of those that can: of a crowd that waits for one share, none that needs another is dropped.
    private void bound() {
        lock.lock();
        try {
            while (waiting.size() > MOST) {
                known.remove(waiting.removeLast().job());
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave(@Nullable Waiter earlier) {
        if (earlier != null) {
            waiting.remove(earlier);
        }
    }

    /// Gives a place to each that can have one.
    private void startNext() {
        while (true) {
            Waiter next;
            lock.lock();
            try {
                next = closed || running.size() >= runner.places() ? null : firstFree();
                if (next == null) {
                    return;
                }
                waiting.remove(next);
                running.add(next.job());
                next.shares().forEach(share -> taken.merge(share.of(), 1, Integer::sum));
            } finally {
                lock.unlock();
            }
            start(next.job());
        }
    }

    private void start(JobId job) {
        threads.newThread(() -> {
                    try {
                        work.accept(job);
                    } finally {
                        done(job);
                    }
                })
                .start();
    }

    private @Nullable Waiter firstFree() {
        for (Waiter waiter : waiting) {
            if (waiter.shares().stream().allMatch(share -> taken.getOrDefault(share.of(), 0) < share.most())) {
                return waiter;
            }
        }
        return null;
    }

    /// The job gives its place back.
    private void done(JobId job) {
        lock.lock();
        try {
            running.remove(job);
            Waiter waiter = known.remove(job);
            if (waiter != null) {
                waiter.shares().forEach(share -> taken.computeIfPresent(share.of(), (of, n) -> n == 1 ? null : n - 1));
            }
        } finally {
            lock.unlock();
        }
        startNext();
    }

    /// Gives no more places.
    void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
        } finally {
            lock.unlock();
        }
    }
}
