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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records a live stream that comes by HLS (RFC 8216): looks again and again which pieces its list has, and puts each
/// onto a tape, in order.
///
/// What cannot be had is left out and told of; what has been recorded is kept, whatever becomes of the stream.
final class Recorder {
    private static final Logger log = LoggerFactory.getLogger(Recorder.class);

    /// How many pieces before the end of the list it begins (RFC 8216 §6.3.3).
    private static final int BACK = 3;
    /// How often a piece is tried, and a list that is refused.
    private static final int TRIES = 3;
    /// No list goes on by so many pieces at once: its server counts from elsewhere.
    private static final long JUMP = 100_000;
    /// How many notes are made of what is missing: at the end all is told in one.
    private static final int MOST_NOTES = 20;
    private static final Duration LEAST_WAIT = Duration.ofMillis(100);
    /// How long a server that says so is left alone.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final Session session;
    private final StopToken stop;
    private final Tape tape;
    private final double limitSeconds;
    private final Means means;
    private final MediaForm form;
    private final Standstill standstill;
    private Recorded at;
    private volatile @Nullable Connection connection;
    private @Nullable Exception ofList;
    private @Nullable Exception ofPiece;
    private int refusals;
    private int notes;
    private boolean moved;

    /// What all downloads share.
    ///
    /// @param lines opens connections
    /// @param maxSize bytes that a file may have
    record Means(Patience patience, Throttles throttles, long maxSize, Supplier<Lines> lines) {}

    private record Connection(Lines lines, Origin list, Pieces pieces) {}

    /// @param at what is on the tape
    Recorder(Session session, Tape tape, double limitSeconds, Means means, MediaForm form, Recorded at) {
        this.session = session;
        this.stop = session.stop();
        this.tape = tape;
        this.limitSeconds = limitSeconds;
        this.means = means;
        this.form = form;
        this.at = at;
        this.standstill = new Standstill(means.patience().silence(), System.nanoTime());
    }

    /// Returns once the limit is reached or the stream is over; or, with what is not over, once its list, which was
    /// given before, is refused: its page may have another.
    ///
    /// @throws ProblemException what went wrong last where nothing came at all
    Recorded run() {
        StopToken.Registration cutting = stop.onHold(() -> {
            Connection open = connection;
            if (open != null) {
                open.lines().suspend();
            }
        });
        try {
            session.meter().from(at.bytes());
            tellProgress();
            while (!at.over() && !(moved && refusals >= TRIES)) {
                stop.awaitDecision();
                step();
            }
            if (!at.over()) {
                log.info("[{}] the list of a live stream is refused{}", session.id(), because(ofList));
            }
            return at;
        } catch (UncheckedIOException e) {
            return unwritable(e);
        } finally {
            cutting.close();
            disconnect();
        }
    }

    private Connection connection() {
        Connection open = connection;
        if (open == null) {
            Target target = Target.of(String.valueOf(form.url()));
            Lines lines = means.lines().get();
            var list = new Origin(target, form.headers(), lines, stop);
            open = new Connection(lines, list, new Pieces(list));
            connection = open;
        }
        return open;
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.lines().close();
        }
    }

    private void step() {
        long asked = System.nanoTime();
        PieceList now = look();
        boolean more = now != null && now.next() > at.next();
        if (now != null) {
            if (standstill.looked(now, at.next(), asked) || (now.ended() && now.next() < at.next())) {
                tellAnew();
            }
            take(now, asked);
            standstill.wentThrough(System.nanoTime());
        }
        if (at.over()) {
            return;
        }
        if (now != null && now.ended()) {
            end();
        } else if (isStill(now, asked)) {
            standStill();
        } else {
            // RFC 8216 §6.3.4.
            double pace = now == null ? 1 : now.pieceSeconds();
            Duration wait =
                    Duration.ofMillis((long) (1000 * (more ? pace : pace / 2))).minusNanos(System.nanoTime() - asked);
            stop.sleep(longer(longer(LEAST_WAIT, wait), now == null ? asked(ofList) : Duration.ZERO));
        }
    }

    private boolean isStill(@Nullable PieceList now, long asked) {
        boolean exhausted = now == null || at.next() >= now.next();
        // The time that a look took which failed does not count: it is taken once more.
        return standstill.isStill(at.bytes() > 0, exhausted, now == null ? asked : System.nanoTime());
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    /// How long its server asks to be left alone, as far as it is.
    private static Duration asked(@Nullable Exception failure) {
        Duration wait = failure == null ? Duration.ZERO : Refusals.wait(failure);
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    }

    /// The list as it is now; null where it cannot be had.
    private @Nullable PieceList look() {
        try {
            Connection open = connection();
            PieceList now = new Watched(open.lines()).call(() -> {
                try (Reply reply = open.list().ask("bytes=0-", null)) {
                    return Pieces.list(reply);
                }
            });
            refusals = 0;
            ofList = null;
            return now;
        } catch (IOException | ProblemException e) {
            if (failed(e)) {
                ofList = e;
                refusals +=
                        e instanceof ProblemException problem && !problem.code().retryable() ? 1 : 0;
            }
            return null;
        }
    }

    /// Gives the connections up, and where a redirect has led to.
    ///
    /// @return whether it is a failure of the stream, and not of ours to wait for a decision
    /// @throws ProblemException `target_refused` where nothing has come yet
    private boolean failed(Exception e) {
        stop.check();
        if (e instanceof ProblemException problem && problem.code() == ErrorCode.TARGET_REFUSED && at.bytes() == 0) {
            throw problem;
        }
        if (e instanceof Line.Suspended) {
            stop.awaitDecision();
            return false;
        }
        log.debug("[{}] of a live stream something did not come", session.id(), e);
        disconnect();
        return true;
    }

    // ---- The pieces

    private void take(PieceList now, long asked) {
        if (at.next() < 0) {
            at = at.at(now.ended() ? now.first() : liveEnd(now));
        }
        boolean overlaps = at.next() - now.next() <= now.pieces().size();
        if (standstill.isAnew(overlaps, asked) || now.first() - at.next() > JUMP) {
            tellAnew();
            at = at.at(liveEnd(now));
            standstill.anew();
        } else if (now.first() > at.next()) {
            lack(now.first() - at.next(), null);
        }
        for (long number = at.next(); number < now.next() && !at.over(); number++) {
            boolean came = take(number, now.pieces().get((int) (number - now.first())));
            boolean old = System.nanoTime() - asked > 1e9 * standstill.longestSeconds();
            if (!came && old && !now.ended()) {
                // The list has gone on meanwhile.
                return;
            }
        }
    }

    private static long liveEnd(PieceList now) {
        return Math.max(now.first(), now.next() - BACK);
    }

    private boolean take(long number, PieceList.Piece piece) {
        if (piece.gap() || !fetch(number, piece)) {
            if (!at.over()) {
                lack(1, piece.gap() ? null : ofPiece);
            }
            return false;
        }
        standstill.came(System.nanoTime());
        moved = true;
        ofPiece = null;
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
                Connection open = connection();
                at = new Watched(open.lines()).call(() -> tape.append(at, number, piece, open.pieces()));
                return true;
            } catch (Tape.Ended e) {
                if (at.bytes() == 0) {
                    throw e.refusal();
                }
                note(e.code(), "the recording ends where " + e.why(), Map.of());
                end();
                return false;
            } catch (IOException | ProblemException e) {
                if (!failed(e)) {
                    continue;
                }
                ofPiece = e;
                if (tries++ == TRIES) {
                    return false;
                }
                stop.sleep(longer(means.patience().firstWait().multipliedBy(tries), asked(e)));
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
        String words = String.format(
                Locale.ROOT, "after %.0f s, pieces of the stream that are missing: %d", at.seconds(), count);
        tell("stream_gap", words + because(why), Map.of("pieces", count, "seconds", at.seconds()));
    }

    private void tellAnew() {
        tell("stream_began_anew", "the stream began anew; what came meanwhile may be missing", Map.of());
    }

    private static String because(@Nullable Exception why) {
        return switch (why) {
            case null -> "";
            case ProblemException refused -> " (" + refused.problem().message() + ")";
            case Exception e -> " (" + Complaint.harmless(String.valueOf(e.getMessage())) + ")";
        };
    }

    private @Nullable Exception failure() {
        return ofList == null ? ofPiece : ofList;
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
        long silent = standstill.silence(System.nanoTime()).toSeconds();
        if (at.bytes() == 0) {
            throw nothing("nothing of the stream came for " + silent + " s");
        }
        String words = String.format(
                Locale.ROOT,
                "nothing came for %d s, and the stream has not said that it ends: %.0f s of it are recorded",
                silent,
                at.seconds());
        note("stream_stood_still", words + because(failure()), Map.of("seconds", at.seconds()));
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
        return failure() instanceof ProblemException refused
                ? refused
                : new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, words + because(failure()));
    }

    private void tell(String code, String words, Map<String, Object> details) {
        if (notes++ < MOST_NOTES) {
            note(code, words, details);
        }
    }

    private void note(String code, String words, Map<String, Object> details) {
        session.note(new Note(Note.Level.WARNING, code, words, details));
    }

    /// How many bytes there will be is not known: how many seconds are wanted is.
    private void tellProgress() {
        if (at.seconds() > 0) {
            session.meter().total(Math.max(at.bytes(), (long) (at.bytes() * limitSeconds / at.seconds())));
        }
    }
}
