package dev.sluice.fakes;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Everything that a fake was asked, in order, what is still under way included. Control routes are no calls.
/// Safe for use by many threads.
public final class Calls {
    private final Clock clock;
    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final AtomicLong numbers = new AtomicLong();

    Calls(Clock clock) {
        this.clock = clock;
    }

    public List<Call> all() {
        return entries.stream().map(Entry::call).toList();
    }

    /// Those of one kind; [Step#CHUNK] has the last chunks, too.
    public List<Call> of(Step step) {
        return all().stream().filter(call -> step.covers(call.step())).toList();
    }

    /// Those that came after then.
    public List<Call> since(Instant time) {
        return all().stream().filter(call -> call.at().isAfter(time)).toList();
    }

    /// Bytes of all bodies.
    public long received() {
        return entries.stream().mapToLong(entry -> entry.received).sum();
    }

    public void clear() {
        entries.clear();
    }

    Entry begin(String method, String path, @Nullable String range) {
        var entry = new Entry(numbers.incrementAndGet(), method, path, range, clock);
        entries.add(entry);
        return entry;
    }

    /// Written by the thread that serves the call, read by anybody.
    static final class Entry {
        private final long number;
        private final String method;
        private final String path;
        private final @Nullable String range;
        private final Clock clock;
        private final Instant at;
        private volatile Step step = Step.OTHER;
        private volatile int status;
        private volatile long received;
        private volatile long repeated;
        private volatile @Nullable String account;
        private volatile List<String> faults = List.of();
        private volatile @Nullable Instant lastByteAt;
        private volatile @Nullable Instant endedAt;

        private Entry(long number, String method, String path, @Nullable String range, Clock clock) {
            this.number = number;
            this.method = method;
            this.path = path;
            this.range = range;
            this.clock = clock;
            this.at = clock.instant();
        }

        void is(Step what, List<Fault> on) {
            step = what;
            faults = on.stream().map(Fault::toString).toList();
        }

        void by(Account who) {
            account = who.email();
        }

        void received(long total) {
            received = total;
            lastByteAt = clock.instant();
        }

        void repeated(long bytes) {
            repeated = bytes;
        }

        void answered(int with) {
            status = with;
        }

        void ended() {
            endedAt = clock.instant();
        }

        private Call call() {
            return new Call(
                    number,
                    step,
                    method,
                    path,
                    status,
                    received,
                    repeated,
                    range,
                    account,
                    faults,
                    at,
                    lastByteAt,
                    endedAt);
        }
    }
}
