package dev.sluice.state;

import dev.sluice.core.Job;
import org.jspecify.annotations.Nullable;

/// A job as it is in an open transaction; the number of its event comes with the commit.
record Told(Job job, EventGroup.@Nullable Pending event) {
    Job committed() {
        return event == null ? job : Rows.job(job, new Rows.Late(null, event.seq()));
    }
}
