package dev.sluice.realtime;

import dev.sluice.core.Event;
import dev.sluice.core.Job;
import dev.sluice.core.Progress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How what watchers are told is written down: UTF-8 JSON texts of the wire contract. The floor above fills
/// this port.
public interface Frames {
    /// A job's document.
    ///
    /// @param live how far it is just now, where it runs here
    byte[] job(Job job, @Nullable Progress live);

    /// A part of a snapshot.
    ///
    /// @param jobs texts of [#job]
    /// @param more whether another part follows
    byte[] snapshot(String epoch, long seq, List<byte[]> jobs, boolean more);

    byte[] resumed(String epoch, long seq);

    byte[] gap(String epoch, long seq);

    byte[] event(Event event);

    /// One frame with all that moved in a tick.
    byte[] progress(Instant at, List<Progress> jobs);

    byte[] pong();
}
