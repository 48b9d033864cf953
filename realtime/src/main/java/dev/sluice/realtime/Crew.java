package dev.sluice.realtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Helps a thread to tell many watchers: a send is a call into the kernel, and with thousands of them one core is
/// not enough. Used by one thread at a time.
final class Crew implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Crew.class);

    /// A share that is worth waking a thread for.
    private static final int SHARE = 128;

    private final int hands = Runtime.getRuntime().availableProcessors();
    private final ExecutorService helpers;

    Crew(String name) {
        helpers = Executors.newFixedThreadPool(
                hands, Thread.ofPlatform().daemon().name(name + "-", 1).factory());
    }

    /// Returns once `how` was applied to each of `watchers`.
    void tell(Collection<Watcher> watchers, Consumer<Watcher> how) throws InterruptedException {
        if (watchers.size() < 2 * SHARE) {
            watchers.forEach(watcher -> tell(watcher, how));
            return;
        }
        List<Watcher> all = new ArrayList<>(watchers);
        int shares = Math.clamp(all.size() / SHARE, 1, hands);
        var helped = new CountDownLatch(shares - 1);
        for (int share = 1; share < shares; share++) {
            List<Watcher> theirs = share(all, share, shares);
            helpers.execute(() -> {
                theirs.forEach(watcher -> tell(watcher, how));
                helped.countDown();
            });
        }
        share(all, 0, shares).forEach(watcher -> tell(watcher, how));
        helped.await();
    }

    private static List<Watcher> share(List<Watcher> all, int share, int of) {
        return all.subList((int) ((long) all.size() * share / of), (int) ((long) all.size() * (share + 1) / of));
    }

    private static void tell(Watcher watcher, Consumer<Watcher> how) {
        try {
            how.accept(watcher);
        } catch (RuntimeException e) {
            log.error("{} could not be told", watcher, e);
        }
    }

    @Override
    public void close() {
        helpers.shutdown();
    }
}
