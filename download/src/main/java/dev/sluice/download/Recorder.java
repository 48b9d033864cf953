package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.Note;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Records a live stream that comes by HLS (RFC 8216): looks again and again which pieces its list has, and puts each
/// onto a tape, in order.
///
/// What cannot be had is left out and told of; what has been recorded is kept, whatever becomes of the stream.
final class Recorder {
    /// How many pieces before the end of the list it begins (RFC 8216 §6.3.3).
    private static final int BACK = 3;
    /// How often a piece is tried, and a list that is refused.
    private static final int TRIES = 3;
    /// How many times the longest piece a list may stand still.
    private static final int STANDSTILL = 3;
    /// How much longer than that pieces may fail of a list that goes on.
    private static final int FAILING = 10;
    /// How many times the longest piece a list may be behind what it was, as one is that a cache still has.
    private static final int BEHIND = 2;
    /// No list goes on by so many pieces at once: its server counts from elsewhere.
    private static final long JUMP = 100_000;
    /// How many notes one session makes of what is missing: at the end all is told in one.
    private static final int MOST_NOTES = 20;
    private static final long LEAST_WAIT_MILLIS = 100;

    private final Session session;
    private final StopToken stop;
    private final Tape tape;
    private final double limitSeconds;
    private final Means means;
    private final MediaForm form;
    private Recorded at;
    private volatile Lines lines;
    private Origin list;
    private Pieces pieces;
    private long cameNanos = System.nanoTime();
    private long grewNanos = System.nanoTime();
    private long shown;
    private long behindNanos;
    private double longestSeconds = 1;
    private @Nullable Exception failure;
    private int refusals;
    private int notes;
    private boolean moved;

    /// What all downloads share.
    ///
    /// @param lines opens connections
    /// @param maxSize bytes that a file may have
    record Means(Patience patience, Throttles throttles, long maxSize, Supplier<Lines> lines) {}

    /// @param at what is on the tape
    Recorder(Session session, Tape tape, double limitSeconds, Means means, MediaForm form, Recorded at) {
        this.session = session;
        this.stop = session.stop();
        this.tape = tape;
        this.limitSeconds = limitSeconds;
        this.means = means;
        this.form = form;
        this.at = at;
        lines = means.lines().get();
        list = origin();
        pieces = new Pieces(list);
    }

    private Origin origin() {
        return new Origin(Target.of(String.valueOf(form.url())), form.headers(), lines, stop);
    }

    /// Returns once the limit is reached or the stream is over, or, with what is not over, once its list is refused
    /// that
    /// was given before: its page may have another.
    ///
    /// @throws ProblemException what went wrong last where nothing came at all
    Recorded run() {
        StopToken.Registration cutting = stop.onHold(() -> lines.suspend());
        try {
            session.meter().from(at.bytes());
            tellProgress();
            while (!at.over() && !(moved && refusals >= TRIES)) {
                stop.awaitDecision();
                step();
            }
            return at;
        } catch (UncheckedIOException e) {
            return unwritable(e);
        } finally {
            cutting.close();
            lines.close();
        }
    }

    private void step() {
        long asked = System.nanoTime();
        PieceList now = look();
        boolean more = now != null && now.next() > at.next();
        if (now != null) {
            longestSeconds = now.longestSeconds();
            if (now.next() != shown) {
                shown = now.next();
                grewNanos = asked;
            }
            take(now, asked);
        }
        if (at.over()) {
            return;
        }
        if (now != null && now.ended()) {
            end();
        } else if (isStill(asked)) {
            standStill();
        } else {
            // RFC 8216 §6.3.4.
            double pace = now == null ? 1 : now.pieceSeconds();
            long wait = (long) (1000 * (more ? pace : pace / 2)) - sinceMillis(asked);
            stop.sleep(Duration.ofMillis(Math.max(LEAST_WAIT_MILLIS, wait)));
        }
    }

    private static long sinceMillis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    /// @param asked when the list was looked at last
    private boolean isStill(long asked) {
        long most = patience().toMillis();
        return TimeUnit.NANOSECONDS.toMillis(asked - grewNanos) > most
                || sinceMillis(cameNanos) > most * (at.bytes() == 0 ? 1 : FAILING);
    }

    private Duration patience() {
        Duration still = Duration.ofMillis((long) (1000 * longestSeconds * STANDSTILL));
        return still.compareTo(means.patience().silence()) > 0
                ? still
                : means.patience().silence();
    }

    /// The list as it is now; null where it cannot be had.
    private @Nullable PieceList look() {
        try {
            PieceList now = new Watched(lines).call(() -> {
                try (Reply reply = list.ask("bytes=0-", null)) {
                    return Pieces.list(reply);
                }
            });
            refusals = 0;
            return now;
        } catch (IOException | ProblemException e) {
            failed(e);
            if (e instanceof ProblemException problem && !problem.code().retryable()) {
                refusals++;
            }
            return null;
        }
    }

    /// What went wrong with a connection, or behind a redirect, is not gone on with.
    private void failed(Exception e) {
        stop.check();
        if (e instanceof ProblemException problem && problem.code() == ErrorCode.TARGET_REFUSED && at.bytes() == 0) {
            throw problem;
        }
        if (e instanceof Line.Suspended) {
            stop.awaitDecision();
            return;
        }
        failure = e;
        lines.close();
        lines = means.lines().get();
        list = origin();
        pieces = new Pieces(list);
    }

    // ---- The pieces

    private void take(PieceList now, long asked) {
        if (at.next() < 0) {
            at = at.at(now.ended() ? now.first() : Math.max(now.first(), now.next() - BACK));
        }
        if (now.next() >= at.next()) {
            behindNanos = 0;
        } else if (behindNanos == 0) {
            behindNanos = System.nanoTime();
        }
        boolean behind = behindNanos != 0 && sinceMillis(behindNanos) > 1000 * longestSeconds * BEHIND;
        if (behind || now.first() - at.next() > JUMP) {
            tell("stream_began_anew", "the stream began anew; what came meanwhile may be missing", Map.of());
            at = at.at(now.first());
            behindNanos = 0;
        } else if (now.first() > at.next()) {
            lack(now.first() - at.next(), null);
        }
        for (long number = at.next(); number < now.next() && !at.over(); number++) {
            boolean came = take(number, now.pieces().get((int) (number - now.first())));
            // The list has gone on meanwhile.
            if (!came && sinceMillis(asked) > 1000 * longestSeconds) {
                return;
            }
        }
    }

    private boolean take(long number, PieceList.Piece piece) {
        if (piece.gap() || !fetch(number, piece)) {
            if (!at.over()) {
                lack(1, piece.gap() ? null : failure);
            }
            return false;
        }
        cameNanos = System.nanoTime();
        moved = true;
        failure = null;
        if (at.seconds() >= limitSeconds) {
            end();
        } else {
            session.save(MediaCheckpoint.recorded(at));
        }
        tellProgress();
        return true;
    }

    private boolean fetch(long number, PieceList.Piece piece) {
        for (int tries = 1; tries <= TRIES; ) {
            try {
                Pieces from = pieces;
                at = new Watched(lines).call(() -> tape.append(at, number, piece, from));
                return true;
            } catch (Tape.Ended e) {
                if (at.bytes() == 0) {
                    throw e.refusal();
                }
                note(e.code(), "the recording ends where " + e.why(), Map.of());
                end();
                return false;
            } catch (IOException | ProblemException e) {
                failed(e);
                if (e instanceof Line.Suspended) {
                    continue;
                }
                if (tries++ == TRIES) {
                    return false;
                }
                stop.sleep(means.patience().firstWait().multipliedBy(tries));
            }
        }
        return false;
    }

    // ---- What is told

    private void lack(long count, @Nullable Exception why) {
        if (at.bytes() == 0) {
            at = at.at(at.next() + count);
            return;
        }
        at = at.lacking(count);
        tell(
                "stream_gap",
                String.format(
                                Locale.ROOT,
                                "after %.0f s, pieces of the stream that are missing: %d",
                                at.seconds(),
                                count)
                        + because(why),
                Map.of("pieces", count, "seconds", at.seconds()));
    }

    private static String because(@Nullable Exception why) {
        return switch (why) {
            case null -> "";
            case ProblemException refused -> " (" + refused.problem().message() + ")";
            case Exception e -> " (" + Complaint.harmless(String.valueOf(e.getMessage())) + ")";
        };
    }

    private void end() {
        if (at.bytes() == 0) {
            throw nothing("the stream is over, and nothing of it came");
        }
        at = end(session, at);
    }

    /// Nothing more is recorded: notes it, and tells what is missing.
    static Recorded end(Session session, Recorded recorded) {
        Recorded all = recorded.ended();
        if (all.missing() > 0) {
            session.note(new Note(
                    Note.Level.WARNING,
                    "stream_gaps",
                    "in all, pieces of the stream that are missing in the recording: " + all.missing(),
                    Map.of("pieces", all.missing())));
        }
        session.save(MediaCheckpoint.recorded(all));
        return all;
    }

    private void standStill() {
        if (at.bytes() == 0) {
            throw nothing("nothing of the stream came for " + patience().toSeconds() + " s");
        }
        note(
                "stream_stood_still",
                String.format(
                                Locale.ROOT,
                                "nothing came for %d s, and the stream has not said that it ends: %.0f s of it are recorded",
                                patience().toSeconds(),
                                at.seconds())
                        + because(failure),
                Map.of("seconds", at.seconds()));
        end();
    }

    private Recorded unwritable(UncheckedIOException e) {
        if (at.bytes() == 0) {
            throw e;
        }
        IOException cause = Objects.requireNonNull(e.getCause());
        note(
                FullDisk.code(cause).code(),
                "the recording ends where no more could be written: " + cause.getMessage(),
                Map.of("seconds", at.seconds()));
        end();
        return at;
    }

    private ProblemException nothing(String words) {
        return failure instanceof ProblemException refused
                ? refused
                : new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, words + because(failure));
    }

    private void tell(String code, String words, Map<String, Object> details) {
        if (notes++ < MOST_NOTES) {
            note(code, words, details);
        }
    }

    private void note(String code, String words, Map<String, Object> details) {
        session.note(new Note(Note.Level.WARNING, code, words, new HashMap<>(details)));
    }

    /// How many bytes there will be is not known: how many seconds are wanted is.
    private void tellProgress() {
        if (at.seconds() > 0) {
            session.meter().total(Math.max(at.bytes(), (long) (at.bytes() * limitSeconds / at.seconds())));
        }
    }
}
