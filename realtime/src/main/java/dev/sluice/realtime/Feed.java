package dev.sluice.realtime;

import dev.sluice.core.Event;
import dev.sluice.core.Progress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What waits for the thread that hands events out: the writer's groups, and progress for listeners in this
/// process. Bounded: groups that do not fit are forgotten, and read from the log when their turn comes.
final class Feed {
    private static final int MOST_EVENTS = 16_384;
    private static final int MOST_SAMPLES = 65_536;

    /// What to do next.
    ///
    /// @param events the next group; empty where there is none
    /// @param upTo the last event that was announced
    /// @param samples for listeners
    record Work(List<Event> events, long upTo, List<Progress> samples) {}

    private final ArrayDeque<List<Event>> groups = new ArrayDeque<>();
    private int held;
    private long announced;
    private List<Progress> samples = new ArrayList<>();
    private boolean closed;

    Feed(long position) {
        announced = position;
    }

    /// On the store's writer thread.
    synchronized void announce(List<Event> events) {
        if (events.isEmpty()) {
            return;
        }
        announced = Math.max(announced, events.getLast().seq());
        if (held + events.size() <= MOST_EVENTS) {
            groups.add(events);
            held += events.size();
        }
        notifyAll();
    }

    /// Events up to this one are in the log.
    synchronized void announced(long position) {
        announced = Math.max(announced, position);
        notifyAll();
    }

    synchronized void moved(List<Progress> latest) {
        if (samples.size() + latest.size() <= MOST_SAMPLES) {
            samples.addAll(latest);
        }
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /// Waits for work.
    ///
    /// @param position up to which events were handed out
    /// @return null once closed
    synchronized @Nullable Work next(long position) throws InterruptedException {
        while (!closed && groups.isEmpty() && announced <= position && samples.isEmpty()) {
            wait();
        }
        if (closed) {
            return null;
        }
        List<Event> events = groups.poll();
        if (events != null) {
            held -= events.size();
            return new Work(events, announced, List.of());
        }
        var forListeners = samples;
        samples = new ArrayList<>();
        return new Work(List.of(), announced, forListeners);
    }
}
