package dev.sluice.realtime;

import dev.sluice.core.Event;
import dev.sluice.core.Progress;

/// Follows one job inside this process. Both are called on one and the same thread for all listeners, in order,
/// and return at once; no progress follows a job's last event.
public interface JobListener {
    void event(Event event);

    void progress(Progress latest);
}
