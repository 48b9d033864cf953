package dev.sluice.server;

import dev.sluice.core.BatchId;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import java.util.ArrayList;
import java.util.List;

/// Does the same to every job of a batch.
final class BatchAct {
    private BatchAct() {}

    interface Act {
        Job on(JobId job);
    }

    /// Acts on each job that is in one of `states`; whoever has changed meanwhile is passed over.
    ///
    /// @return the jobs that were acted on, as they then are
    static List<Job> on(Engine engine, BatchId batch, Act act, JobState... states) {
        var done = new ArrayList<Job>();
        for (Job job : engine.jobs().jobsOf(batch)) {
            if (!List.of(states).contains(job.state())) {
                continue;
            }
            try {
                done.add(act.on(job.id()));
            } catch (ProblemException e) {
                if (e.code() != ErrorCode.CONFLICT) {
                    throw e;
                }
            }
        }
        return done;
    }
}
