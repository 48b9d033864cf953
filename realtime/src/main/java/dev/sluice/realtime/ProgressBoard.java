package dev.sluice.realtime;

import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The latest sample of every running job, with the number of the tick in which it last changed: whoever
/// remembers the tick that it was last told needs nothing else to catch up. Only what runs is here. Safe for
/// use by many threads.
///
/// A sample of a job that the board does not know is set aside until somebody has asked the store whose it is,
/// and whether it runs at all ([#introduce]): the last sample of a job may come after its last event.
final class ProgressBoard {
    /// A job that runs.
    static final class Runner {
        final JobId job;
        final Owner owner;
        private @Nullable Progress latest;
        private long changed;

        Runner(JobId job, Owner owner) {
            this.job = job;
            this.owner = owner;
        }
    }

    /// What a tick did.
    ///
    /// @param strangers jobs to ask the store about
    record Turn(long tick, List<Runner> changed, List<JobId> strangers) {}

    /// What changed since some tick.
    ///
    /// @param version of the board when it was read
    record Changes(long version, long tick, List<Progress> jobs) {}

    private final Map<JobId, Runner> runners = new HashMap<>();
    private final Map<Owner, Map<JobId, Runner>> byOwner = new HashMap<>();
    private final Map<JobId, Progress> strangers = new HashMap<>();
    private long tick;
    private long version;

    synchronized Turn tick(Collection<Progress> samples) {
        tick++;
        version++;
        var changed = new ArrayList<Runner>(samples.size());
        var asked = new ArrayList<JobId>();
        for (Progress sample : samples) {
            Runner runner = runners.get(sample.job());
            if (runner == null) {
                if (strangers.put(sample.job(), sample) == null) {
                    asked.add(sample.job());
                }
            } else if (!sample.equals(runner.latest)) {
                runner.latest = sample;
                runner.changed = tick;
                changed.add(runner);
            }
        }
        return new Turn(tick, changed, asked);
    }

    /// The job runs from now on.
    synchronized void began(JobId job, Owner owner) {
        strangers.remove(job);
        runners.computeIfAbsent(job, id -> {
            var runner = new Runner(id, owner);
            byOwner.computeIfAbsent(owner, any -> new LinkedHashMap<>()).put(id, runner);
            return runner;
        });
    }

    /// The job does not run any more: nothing more is told of it.
    synchronized void stopped(JobId job) {
        strangers.remove(job);
        Runner runner = runners.remove(job);
        if (runner == null) {
            return;
        }
        version++;
        var others = byOwner.get(runner.owner);
        if (others != null) {
            others.remove(job);
            if (others.isEmpty()) {
                byOwner.remove(runner.owner);
            }
        }
    }

    /// What the store answered about a stranger.
    ///
    /// @param owner whose job it is; null where it does not run
    /// @return the sample that was set aside, to be ticked again; null where the job has stopped meanwhile
    synchronized @Nullable Progress introduce(JobId job, @Nullable Owner owner) {
        Progress sample = strangers.remove(job);
        if (sample != null && owner != null) {
            began(job, owner);
            return sample;
        }
        return null;
    }

    synchronized long tick() {
        return tick;
    }

    synchronized long version() {
        return version;
    }

    synchronized @Nullable Progress latest(JobId job) {
        Runner runner = runners.get(job);
        return runner == null ? null : runner.latest;
    }

    /// What changed after tick `from` of what `view` sees.
    synchronized Changes since(View view, long from) {
        var jobs = new ArrayList<Progress>();
        if (view.only() != null) {
            for (JobId job : view.only()) {
                Runner runner = runners.get(job);
                if (runner != null) {
                    collect(runner, view, from, jobs);
                }
            }
        } else {
            var all = view.sight().owner() == null
                    ? runners
                    : byOwner.getOrDefault(view.sight().owner(), Map.of());
            for (Runner runner : all.values()) {
                collect(runner, view, from, jobs);
            }
        }
        return new Changes(version, tick, jobs);
    }

    private static void collect(Runner runner, View view, long from, List<Progress> jobs) {
        Progress latest = runner.latest;
        if (latest != null && runner.changed > from && view.sees(runner.owner, runner.job)) {
            jobs.add(latest);
        }
    }
}
