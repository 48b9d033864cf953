package dev.sluice.realtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Tells many watchers at once: a send is a call into the kernel, and with thousands of them one core is not
/// enough. Safe for use by many threads.
final class Crew implements AutoCloseable {
    /// A share that is worth waking a thread for.
    private static final int SHARE = 128;

    private final int hands = Runtime.getRuntime().availableProcessors();
    private final ExecutorService helpers = Executors.newFixedThreadPool(
            hands, Thread.ofPlatform().daemon().name("sluice-realtime-send-", 1).factory());

    /// Returns once `how` was applied to each of `watchers`.
    void tell(List<Watcher> watchers, Consumer<Watcher> how) throws InterruptedException {
        int shares = Math.clamp(watchers.size() / SHARE, 1, hands);
        var helped = new ArrayList<Future<?>>(shares - 1);
        int from = 0;
        for (int share = 1; share < shares; share++) {
            int to = (int) ((long) watchers.size() * share / shares);
            List<Watcher> theirs = watchers.subList(from, to);
            try {
                helped.add(helpers.submit(() -> theirs.forEach(how)));
            } catch (RejectedExecutionException e) {
                return;
            }
            from = to;
        }
        watchers.subList(from, watchers.size()).forEach(how);
        for (Future<?> share : helped) {
            try {
                share.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("watchers could not be told", e.getCause());
            }
        }
    }

    @Override
    public void close() {
        helpers.shutdown();
    }
}
