package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection at a time, which fetches one segment after the other. Runs on a thread of its own; [#line] may be
/// called from elsewhere.
final class Fetcher {
    /// How long bytes are gathered before they are written.
    private static final long GATHER_NANOS = 20_000_000;

    private final Transfer transfer;
    private final StopToken stop;
    private final ByteBuffer bytes;
    private @Nullable Reply first;
    private Segments.@Nullable Segment begun;
    private volatile @Nullable Line line;
    private Segments.@Nullable Segment segment;

    /// Takes the first segment now where there is an answer for it, before others could.
    ///
    /// @param first an answer that is open already, from the first missing byte on
    Fetcher(Transfer transfer, Pockets.Pocket pocket, @Nullable Reply first) {
        this.transfer = transfer;
        this.stop = transfer.session().stop();
        this.bytes = pocket.bytes();
        this.first = first;
        this.begun = first == null ? null : transfer.segments().take();
    }

    /// The connection that bytes come over just now, or null.
    @Nullable
    Line line() {
        return line;
    }

    void run() throws IOException, Found.Changed {
        while (!transfer.hasFailed()) {
            Segments.Segment next = begun == null ? transfer.segments().take() : begun;
            begun = null;
            if (next == null) {
                return;
            }
            try {
                if (!fetch(next)) {
                    return;
                }
            } finally {
                transfer.segments().giveBack(next);
            }
        }
    }

    /// @return false where the server gives us one connection less
    private boolean fetch(Segments.Segment part) throws IOException, Found.Changed {
        Patience patience = transfer.means().patience();
        int failures = 0;
        while (part.left() > 0) {
            long before = part.next();
            try (Reply reply = reply(part)) {
                line = reply.line();
                pump(reply, part);
            } catch (IOException | ProblemException e) {
                stop.check();
                if (!mayPass(e) || transfer.hasFailed()) {
                    throw e;
                }
                if (!transfer.found().ranges()) {
                    throw new Found.Changed();
                }
                if (isTooMany(e)
                        && transfer.landing() instanceof Scattered
                        && transfer.segments().taken() > 1) {
                    return false;
                }
                Line broken = line;
                boolean asked = broken != null && broken.isReplaced();
                failures = part.next() > before || asked ? 1 : failures + 1;
                if (failures > patience.failures()) {
                    throw e;
                }
                pause(patience.firstWait().toMillis() << (failures - 1));
            } finally {
                line = null;
            }
        }
        return true;
    }

    private static boolean mayPass(Exception e) {
        return e instanceof IOException
                || (e instanceof ProblemException problem && problem.code().retryable());
    }

    private static boolean isTooMany(Exception e) {
        return e instanceof ProblemException problem
                && (problem.code() == ErrorCode.UPSTREAM_THROTTLED
                        || problem.problem().details().containsKey(Problem.RETRY_AFTER));
    }

    /// Waits, but not on once the job is to stop.
    private void pause(long millis) {
        var stopped = new CountDownLatch(1);
        StopToken.Registration waking = stop.onStop(reason -> stopped.countDown());
        try {
            if (stopped.await(millis, TimeUnit.MILLISECONDS)) {
                stop.check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waking.close();
        }
    }

    private Reply reply(Segments.Segment part) throws IOException, Found.Changed {
        Reply open = first;
        first = null;
        if (open != null) {
            return open;
        }
        Found found = transfer.found();
        String to = part.end() == found.size() || part.end() == Long.MAX_VALUE ? "" : Long.toString(part.end() - 1);
        Reply reply = transfer.origin().ask("bytes=" + part.next() + "-" + to, found.validator());
        try {
            found.require(transfer.origin().found(), reply, part.next());
            return reply;
        } catch (Found.Changed | RuntimeException e) {
            reply.close();
            throw e;
        }
    }

    private void pump(Reply reply, Segments.Segment part) throws IOException {
        bytes.clear();
        segment = part;
        long began = 0;
        try {
            while (true) {
                stop.check();
                long most = part.left() - bytes.position();
                if (most <= 0) {
                    flush();
                    return;
                }
                bytes.limit((int) Math.min(bytes.capacity(), bytes.position() + most));
                if (!bytes.hasRemaining()) {
                    flush();
                    continue;
                }
                if (bytes.position() == 0) {
                    began = System.nanoTime();
                }
                int count = reply.read(bytes);
                if (count < 0) {
                    flush();
                    ended(reply, part);
                    return;
                }
                transfer.means().throttles().take(reply.line().target().host(), count, stop);
                if (System.nanoTime() - began > GATHER_NANOS
                        && transfer.landing().isTurn(part.next())) {
                    flush();
                }
            }
        } catch (IOException e) {
            // What has come before the line broke need not come again.
            if (!stop.stopped() && !transfer.hasFailed() && transfer.landing().isTurn(part.next())) {
                flush();
            }
            throw e;
        }
    }

    private void ended(Reply reply, Segments.Segment part) throws IOException {
        if (transfer.found().size() != Found.UNKNOWN) {
            throw new IOException(reply.line().target().host() + " ended " + part.left() + " bytes too early");
        }
        part.endsHere();
    }

    private void flush() {
        Segments.Segment part = segment;
        int length = bytes.flip().remaining();
        if (part == null || length == 0) {
            bytes.clear();
            return;
        }
        long size = part.next() + length;
        long most = transfer.means().settings().maxSize();
        if (size > most) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE, "the file has more than the " + most + " bytes that a download may have");
        }
        transfer.session().hand(length, () -> transfer.landing().write(part.next(), bytes));
        part.advance(length);
        bytes.clear();
    }
}
