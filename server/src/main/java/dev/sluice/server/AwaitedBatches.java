package dev.sluice.server;

import dev.sluice.core.BatchId;
import dev.sluice.core.Event;
import dev.sluice.core.EventLog;
import dev.sluice.core.EventType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Batches that somebody watches although they are not there yet. Safe for use by many threads.
final class AwaitedBatches {
    private final Map<BatchId, Set<Waiter>> awaiting = new ConcurrentHashMap<>();

    interface Waiter {
        /// A job has joined the batch. Returns at once.
        void created();
    }

    /// Hears of new batches from now on.
    void start(EventLog events) {
        events.subscribe(this::happened);
    }

    /// On the writer's thread: what is there to be told is looked up elsewhere.
    private void happened(List<Event> events) {
        if (awaiting.isEmpty()) {
            return;
        }
        for (Event event : events) {
            BatchId batch = event.batch();
            if (batch != null && event.type() == EventType.CREATED) {
                awaiting.getOrDefault(batch, Set.of()).forEach(Waiter::created);
            }
        }
    }

    /// The waiter is told until [#forget].
    void await(BatchId batch, Waiter waiter) {
        awaiting.compute(batch, (id, some) -> {
            Set<Waiter> all = some == null ? ConcurrentHashMap.newKeySet() : some;
            all.add(waiter);
            return all;
        });
    }

    void forget(BatchId batch, Waiter waiter) {
        awaiting.computeIfPresent(batch, (id, some) -> {
            some.remove(waiter);
            return some.isEmpty() ? null : some;
        });
    }
}
