package dev.sluice.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one way by which running work learns that it has to stop.
///
/// A loop reads [#check()] between two steps of at most 1 MiB. Whatever can block hangs a [Closer] on the
/// token, which is run the moment it fires. Firing never blocks: quick closers run on the firing thread, slow
/// ones each on a virtual thread of their own; all are started before anybody could wait for one. The first
/// reason stands, but for one that [StopReason#keeps] what there is: a cancel takes its place.
///
/// While somebody decides whether to stop, the token is held: what gives bytes away waits, and what takes some lets go
/// of their source, so that a cancel stops them when it arrives and not only once it is written down. Safe for use by
/// many threads.
public final class StopToken {
    private static final Logger log = LoggerFactory.getLogger(StopToken.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Hung> closers = new ArrayList<>(2);
    private final @Nullable StopToken above;
    private final List<Runnable> waiting = new ArrayList<>(1);
    private final Set<Runnable> cuts = ConcurrentHashMap.newKeySet();
    private int holds;
    private volatile boolean held;
    private volatile @Nullable StopReason reason;
    private final AtomicInteger handing = new AtomicInteger();
    private volatile long handedNanos;
    private volatile boolean handedAny;

    public StopToken() {
        this.above = null;
    }

    /// One for a part of the work that another token stops. It does not fire with that one; what is [#handed] on
    /// counts for both, and it is held with it.
    public StopToken(StopToken above) {
        this.above = above;
    }

    /// Ends something that may be blocking.
    @FunctionalInterface
    public interface Closer {
        void close(StopReason reason);
    }

    /// Takes a closer down again, once what it would close is gone.
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /// A closer that was hung: each hanging is its own, also of the same closer.
    private static final class Hung {
        final Closer closer;
        final boolean slow;
        /// Whether it is for a reason that keeps nothing only.
        final boolean last;

        Hung(Closer closer, boolean slow, boolean last) {
            this.closer = closer;
            this.slow = slow;
            this.last = last;
        }

        boolean isFor(StopReason why) {
            return !last || !why.keeps();
        }
    }

    public Optional<StopReason> reason() {
        return Optional.ofNullable(reason);
    }

    public boolean stopped() {
        return reason != null;
    }

    /// Whether it has fired, or one above it, for a reason that keeps nothing.
    public boolean lost() {
        StopReason now = reason;
        return (now != null && !now.keeps()) || (above != null && above.lost());
    }

    /// @throws Stopped where the token has fired
    public void check() {
        StopReason now = reason;
        if (now != null) {
            throw new Stopped(now);
        }
    }

    /// Waits for so long.
    ///
    /// @throws Stopped as soon as the token fires, or this thread is interrupted
    public void sleep(Duration duration) {
        var fired = new CountDownLatch(1);
        Registration waking = onStop(why -> fired.countDown());
        try {
            if (fired.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Stopped(StopReason.DRAINING);
        } finally {
            waking.close();
        }
    }

    // ---- Handing bytes on

    /// Bytes are about to be handed on, to where this process has no hold on them, until [#handed]. Waits while the
    /// token is held.
    ///
    /// @throws Stopped where the token has fired
    public void handing() {
        awaitDecision();
        handing.incrementAndGet();
    }

    /// Bytes have just been handed on.
    public void handed() {
        handedNanos = System.nanoTime();
        handedAny = true;
        handing.updateAndGet(count -> Math.max(0, count - 1));
        if (above != null) {
            above.handed();
        }
    }

    /// When bytes were last [#handed] on, by [System#nanoTime]; empty where none were, and while some are.
    OptionalLong lastHandedNanos() {
        return handedAny && handing.get() == 0 ? OptionalLong.of(handedNanos) : OptionalLong.empty();
    }

    /// Keeps bytes back until it is closed or the token fires.
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// Keeps bytes back while somebody decides: what gives them away looks at [#held] or calls [#handing].
    public Hold hold() {
        lock.lock();
        try {
            holds++;
            held = !lost();
        } finally {
            lock.unlock();
        }
        cuts.forEach(StopToken::run);
        var closed = new AtomicBoolean();
        return () -> {
            if (!closed.getAndSet(true)) {
                letGo();
            }
        };
    }

    private void letGo() {
        List<Runnable> due;
        lock.lock();
        try {
            holds--;
            if (holds > 0) {
                return;
            }
            due = decided();
        } finally {
            lock.unlock();
        }
        due.forEach(Runnable::run);
    }

    private List<Runnable> decided() {
        held = false;
        List<Runnable> due = List.copyOf(waiting);
        waiting.clear();
        return due;
    }

    /// Whether bytes are kept back just now.
    public boolean held() {
        return held || (above != null && above.held());
    }

    /// Waits while bytes are kept back. So does what only keeps a processor busy, which the decision needs.
    ///
    /// @throws Stopped where the token has fired
    public void awaitDecision() {
        while (held()) {
            var decided = new CompletableFuture<@Nullable Void>();
            whenDecided(() -> decided.complete(null));
            decided.join();
        }
        check();
    }

    /// Hangs `cut`, which lets go of a source of bytes that can be opened anew, and returns at once. It is run each
    /// time that this token is held, not where one above it is, nor when the token fires. Whoever opens the source
    /// anew calls [#awaitDecision] before.
    public Registration onHold(Runnable cut) {
        cuts.add(cut);
        return () -> cuts.remove(cut);
    }

    /// Runs `then`, which returns at once, as soon as nothing is kept back: now, or on the thread that lets go.
    public void whenDecided(Runnable then) {
        lock.lock();
        try {
            if (held) {
                waiting.add(then);
                return;
            }
        } finally {
            lock.unlock();
        }
        if (above == null) {
            then.run();
        } else {
            above.whenDecided(then);
        }
    }

    // ---- Stopping

    /// Hangs a closer that returns at once; on a fired token it runs at once.
    public Registration onStop(Closer closer) {
        return hang(new Hung(closer, false, false));
    }

    /// Hangs a closer that may take its time: it is started on a virtual thread of its own.
    public Registration onStopSlowly(Closer closer) {
        return hang(new Hung(closer, true, false));
    }

    /// Hangs a closer that returns at once, for a reason that keeps nothing: also for a cancel that comes after a
    /// pause.
    public Registration onLoss(Closer closer) {
        return hang(new Hung(closer, false, true));
    }

    /// Gives the reason to stop and starts every closer.
    ///
    /// @return whether this call fired it: false where it had fired before for a reason that stands
    public boolean fire(StopReason why) {
        List<Hung> due;
        List<Runnable> waited;
        lock.lock();
        try {
            StopReason before = reason;
            if (before != null && !(before.keeps() && why == StopReason.CANCELLED)) {
                return false;
            }
            reason = why;
            due = closers.stream().filter(hung -> hung.isFor(why)).toList();
            closers.removeAll(due);
            waited = why.keeps() && holds > 0 ? List.of() : decided();
        } finally {
            lock.unlock();
        }
        due.stream().filter(hung -> hung.slow).forEach(hung -> start(hung, why));
        due.stream().filter(hung -> !hung.slow).forEach(hung -> start(hung, why));
        waited.forEach(Runnable::run);
        return true;
    }

    private Registration hang(Hung hung) {
        StopReason fired;
        lock.lock();
        try {
            fired = reason;
            if (fired == null || !hung.isFor(fired)) {
                closers.add(hung);
            }
        } finally {
            lock.unlock();
        }
        if (fired != null && hung.isFor(fired)) {
            start(hung, fired);
        }
        return () -> takeDown(hung);
    }

    private void takeDown(Hung hung) {
        lock.lock();
        try {
            closers.remove(hung);
        } finally {
            lock.unlock();
        }
    }

    private static void start(Hung hung, StopReason why) {
        if (hung.slow) {
            Thread.ofVirtual().name("closer").start(() -> run(hung, why));
        } else {
            run(hung, why);
        }
    }

    private static void run(Hung hung, StopReason why) {
        try {
            hung.closer.close(why);
        } catch (RuntimeException e) {
            log.warn("a closer failed on {}", why, e);
        }
    }

    private static void run(Runnable cut) {
        try {
            cut.run();
        } catch (RuntimeException e) {
            log.warn("a source could not be let go of", e);
        }
    }
}
