package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.Deposit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file's missing bytes on their way into its storage, over one connection or several. The thread that runs it looks
/// after them: it notes how far they are, cuts those that stand still, and has nothing to do with the bytes.
final class Transfer {
    private static final Logger log = LoggerFactory.getLogger(Transfer.class);
    private static final long LOOK_MILLIS = 100;
    private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// How long a server may take to notice that we have left a connection.
    private static final long NOTICED_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Session session;
    private final Deposit deposit;
    private final Origin origin;
    private final Lines lines;
    private final Found found;
    private final Segments segments;
    private final Landing landing;
    private final Means means;
    private final @Nullable RunningDigest digest;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile long leftNanos = System.nanoTime() - NOTICED_NANOS;
    private final CountDownLatch over = new CountDownLatch(1);

    /// What all downloads share, and how patient they are.
    record Means(DownloadSettings settings, Patience patience, Pockets pockets, Throttles throttles) {}

    Transfer(
            Session session,
            Deposit deposit,
            Origin origin,
            Lines lines,
            Found found,
            Segments segments,
            Landing landing,
            Means means,
            @Nullable RunningDigest digest) {
        this.session = session;
        this.deposit = deposit;
        this.origin = origin;
        this.lines = lines;
        this.found = found;
        this.segments = segments;
        this.landing = landing;
        this.means = means;
        this.digest = digest;
    }

    /// Returns once no byte is missing.
    ///
    /// @param first an answer that brings the bytes from the first missing one on; null where none is open
    /// @throws Found.Changed where the file is another one by now, or has to be fetched from its first byte again
    /// @throws Stopped where the job is to stop: what has come is noted
    void run(@Nullable Reply first) throws Found.Changed {
        fetch(pockets(means.settings().connections()), first);
        while (!segments.left().isEmpty()) {
            // The server gave us fewer connections than we had asked for.
            fetch(pockets(1), null);
        }
    }

    private void fetch(List<Pockets.Pocket> pockets, @Nullable Reply first) throws Found.Changed {
        var ended = new CountDownLatch(pockets.size());
        StopToken.Registration waking = session.stop().onStop(reason -> {
            landing.close();
            over.countDown();
        });
        // What cannot be taken up again is not given up for a cancel that may come to nothing.
        StopToken.Registration cutting = session.stop().onHold(() -> {
            if (found.ranges()) {
                lines.suspend();
            }
        });
        try {
            var fetchers = new ArrayList<Fetcher>();
            for (int i = 0; i < pockets.size(); i++) {
                var fetcher = new Fetcher(this, pockets.get(i), i == 0 ? first : null);
                fetchers.add(fetcher);
                Thread.ofVirtual().name("fetch-" + session.id() + "-" + i).start(() -> {
                    try {
                        fetcher.run();
                    } catch (Throwable e) {
                        fail(e);
                    } finally {
                        ended.countDown();
                    }
                });
            }
            lookAfter(fetchers, ended);
        } finally {
            cutting.close();
            waking.close();
            pockets.forEach(means.pockets()::giveBack);
        }
        rethrow();
    }

    private List<Pockets.Pocket> pockets(int connections) {
        var pockets = new ArrayList<Pockets.Pocket>();
        long missing =
                segments.left().stream().mapToLong(gap -> gap.to() - gap.from()).sum();
        long most = found.ranges() ? Math.clamp(missing / (2 * Segments.LEAST), 1, connections) : 1;
        int size = landing.isAnywhere() ? Pockets.SMALL : Pockets.LARGE;
        while (most > 1 && pockets.size() < most) {
            Pockets.Pocket pocket = means.pockets().more(size);
            if (pocket == null) {
                break;
            }
            pockets.add(pocket);
        }
        if (pockets.isEmpty()) {
            pockets.add(means.pockets().first());
        }
        return pockets;
    }

    private void lookAfter(List<Fetcher> fetchers, CountDownLatch ended) {
        var pulse = new Pulse(means.patience(), origin.found().host(), found.ranges());
        long savedNanos = System.nanoTime();
        try {
            while (!ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (session.stop().stopped()) {
                    continue;
                }
                lines.cutSilent();
                pulse.look(fetchers);
                if (System.nanoTime() - savedNanos >= SAVE_NANOS) {
                    save();
                    savedNanos = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            fail(new Stopped(StopReason.DRAINING));
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            fail(e);
        }
        awaitEnd(ended);
        leave();
    }

    private static void awaitEnd(CountDownLatch ended) {
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// What has come so far is noted and kept, but where nothing of it counts any more.
    private void leave() {
        StopReason why = session.stop().reason().orElse(null);
        if (why != null && !why.keeps()) {
            return;
        }
        try {
            deposit.storage().call(() -> deposit.upload().keep());
            save();
        } catch (ProblemException | Stopped e) {
            log.info("[{}] not all of what came could be kept: {}", session.id(), e.getMessage());
        }
    }

    private void save() {
        RunningDigest sums = digest;
        RunningDigest.State state = sums == null
                ? RunningDigest.State.NONE
                : sums.stateWithin(deposit.upload().durable());
        session.save(new Progressed(
                found, landing.isAnywhere() ? segments.left() : null, Direct.boot(), state.base64(), state.digested()));
    }

    private void fail(Throwable e) {
        if (failure.compareAndSet(null, e)) {
            lines.end("another connection of the download has failed");
            landing.close();
            over.countDown();
        }
    }

    private void rethrow() throws Found.Changed {
        session.stop().check();
        Throwable failed = failure.get();
        switch (failed) {
            case null -> {}
            case Found.Changed changed -> throw changed;
            case ProblemException problem -> throw problem;
            case IOException broken ->
                throw new ProblemException(
                        new Problem(
                                ErrorCode.UPSTREAM_UNAVAILABLE,
                                "the download from " + origin.found().host() + " broke off: " + broken.getMessage()),
                        broken);
            case Error error -> throw error;
            default -> throw failed instanceof RuntimeException thrown ? thrown : new IllegalStateException(failed);
        }
    }

    // ---- For the fetchers

    Session session() {
        return session;
    }

    Origin origin() {
        return origin;
    }

    Found found() {
        return found;
    }

    Segments segments() {
        return segments;
    }

    Landing landing() {
        return landing;
    }

    Means means() {
        return means;
    }

    boolean hasFailed() {
        return failure.get() != null;
    }

    /// A connection was left before its end.
    void left() {
        leftNanos = System.nanoTime();
    }

    /// Whether the server may still count a connection that we have left, and so refuse another.
    boolean hasJustLeft() {
        return System.nanoTime() - leftNanos < NOTICED_NANOS;
    }

    /// Waits, but not on once the job is to stop or the download has failed.
    void pause(Duration atMost) {
        try {
            if (over.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                session.stop().check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
