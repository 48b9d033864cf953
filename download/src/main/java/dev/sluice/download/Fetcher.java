package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One connection at a time, which fetches one segment after the other. Runs on a thread of its own; [#line] may be
/// called from elsewhere.
final class Fetcher {
    /// How long bytes are gathered before they are written.
    private static final long GATHER_NANOS = 20_000_000;

    /// How long a server that says so is waited for with a place; what takes longer is tried again as another attempt.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final Transfer transfer;
    private final StopToken stop;
    private final ByteBuffer bytes;
    private @Nullable Reply first;
    private Segments.@Nullable Segment begun;
    private volatile @Nullable Line line;
    private final AtomicLong waitedNanos = new AtomicLong();
    private final AtomicLong came = new AtomicLong();
    private Segments.@Nullable Segment segment;
    /// Whether the last attempt ended since another connection is to take its place.
    private boolean replaced;
    /// Whether any bytes have come.
    private boolean served;

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

    /// How long bytes have been waited for, over all connections, but for those that are waited for just now. What was
    /// asked in vain does not count.
    long waitedNanos() {
        return waitedNanos.get();
    }

    /// Bytes that have come, over all connections.
    long came() {
        return came.get();
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

    /// @return false where the server gives us one connection less, or the download has failed
    private boolean fetch(Segments.Segment part) throws IOException, Found.Changed {
        Patience patience = transfer.means().patience();
        int failures = 0;
        while (part.left() > 0) {
            stop.awaitDecision();
            if (transfer.hasFailed()) {
                return false;
            }
            long before = part.next();
            Exception failure = attempt(part);
            served |= part.next() > before;
            if (failure == null || stop.stopped() || transfer.hasFailed()) {
                continue;
            }
            if (failure instanceof Line.Suspended) {
                transfer.left();
                continue;
            }
            if (mayPass(failure) && !transfer.found().ranges()) {
                throw new Found.Changed(failure);
            }
            failures = part.next() > before || replaced ? 1 : failures + 1;
            if (served && transfer.hasJustLeft()) {
                failures = Math.min(failures, patience.failures());
            }
            // Who has given us bytes before may not have noticed yet that we have left another connection.
            boolean passes = mayPass(failure) || (served && Refusals.isOne(failure));
            boolean over = !passes || failures > patience.failures();
            // Servers tell who has too many connections in many ways: they answer so, reset or do not let in.
            if ((over || !served || Refusals.isOne(failure))
                    && !isOfTarget(failure)
                    && transfer.segments().giveUp(part)) {
                return false;
            }
            Duration asked = transfer.hasJustLeft() ? Duration.ZERO : Refusals.wait(failure);
            if (over || (asked.compareTo(LONGEST_WAIT) > 0 && mayPass(failure))) {
                throw thrown(failure);
            }
            transfer.pause(
                    longer(patience.firstWait().multipliedBy(1L << (failures - 1)), shorter(asked, LONGEST_WAIT)));
        }
        return true;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static boolean mayPass(Exception e) {
        return e instanceof IOException
                || (e instanceof ProblemException problem && problem.code().retryable());
    }

    private static boolean isOfTarget(Exception e) {
        return e instanceof ProblemException problem && problem.code() == ErrorCode.TARGET_REFUSED;
    }

    private static IOException thrown(Exception failure) {
        return switch (failure) {
            case IOException broken -> broken;
            case RuntimeException refused -> throw refused;
            default -> throw new IllegalStateException("nothing else is thrown", failure);
        };
    }

    /// Asks for what is left of a segment, once.
    ///
    /// @return what went wrong at the source, or null: what goes wrong in the storage is thrown
    private @Nullable Exception attempt(Segments.Segment part) throws Found.Changed {
        replaced = false;
        Reply open = first;
        first = null;
        Reply reply;
        long asked = System.nanoTime();
        try {
            reply = open == null ? ask(part) : open;
            waitedNanos.addAndGet(System.nanoTime() - asked);
        } catch (IOException | ProblemException e) {
            return e;
        }
        try (reply) {
            if (open == null) {
                transfer.found().require(transfer.origin().found(), reply, part.next());
            }
            line = reply.line();
            pump(reply, part);
            return null;
        } catch (IOException e) {
            replaced = reply.line().isReplaced();
            if (replaced) {
                transfer.left();
            }
            return e;
        } finally {
            line = null;
        }
    }

    private Reply ask(Segments.Segment part) throws IOException {
        Found found = transfer.found();
        String to = part.end() == found.end() ? "" : Long.toString(part.end() - 1);
        return transfer.origin().ask("bytes=" + part.next() + "-" + to, found.validator());
    }

    private void pump(Reply reply, Segments.Segment part) throws IOException {
        bytes.clear();
        segment = part;
        long from = part.next();
        long began = 0;
        try {
            while (true) {
                stop.check();
                long most = part.left() - bytes.position();
                if (most <= 0) {
                    // Others may use the connection while this waits for its turn.
                    line = null;
                    reply.close();
                    if (!reply.isWhole()) {
                        transfer.left();
                    }
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
                long waiting = System.nanoTime();
                int count = reply.read(bytes);
                waitedNanos.addAndGet(System.nanoTime() - waiting);
                came.addAndGet(Math.max(0, count));
                if (count < 0) {
                    flush();
                    ended(reply, part, from);
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

    /// A server may give less than it was asked for (RFC 9110 §15.3.7); the rest is asked for then.
    private void ended(Reply reply, Segments.Segment part, long from) throws IOException {
        if (transfer.found().size() == Found.UNKNOWN) {
            part.endsHere();
        } else if (part.next() == from) {
            throw new IOException(reply.line().target().host() + " ended " + part.left() + " bytes too early");
        }
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
        Landing landing = transfer.landing();
        int known = landing.known(part.next(), length);
        transfer.session().hand(length - known, () -> landing.write(part.next(), bytes));
        part.advance(length);
        bytes.clear();
    }
}
