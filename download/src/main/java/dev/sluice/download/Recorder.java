package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Records a live stream that comes by HLS (RFC 8216): looks again and again which pieces its list has and appends each
/// to a file, in order. A piece that cannot be had is left out and told of; a list that stands still ends the
/// recording,
/// and that is told, too. What is recorded is kept, whatever becomes of the stream.
final class Recorder {
    private static final int STEP = 256 << 10;

    /// How many pieces before the end of the list it begins (RFC 8216 §6.3.3).
    private static final int BACK = 3;
    private static final int TRIES = 3;

    /// How many targets of a piece long a list may stand still.
    private static final int STANDSTILL = 3;

    /// How many notes one session makes of pieces that are missing: at the end all are told in one.
    private static final int MOST_NOTES = 20;

    private final Session session;
    private final StopToken stop;
    private final Path path;
    private final double limit;
    private final Means means;
    private final Origin list;
    private final Lines lines;
    private final Pieces pieces;
    private Recorded at;
    private long movedNanos = System.nanoTime();
    private double target = 1;
    private @Nullable Exception failure;
    private int failures;
    private int notes;
    private @Nullable String headSeen;

    /// What all downloads share, and how much a file may have.
    record Means(Patience patience, Throttles throttles, long maxSize) {}

    /// @param path of the file, which has what was recorded earlier
    /// @param limit in seconds
    /// @param at what that is
    Recorder(Session session, Path path, int limit, Means means, Origin list, Lines lines, Recorded at) {
        this.session = session;
        this.stop = session.stop();
        this.path = path;
        this.limit = limit;
        this.means = means;
        this.list = list;
        this.lines = lines;
        this.pieces = new Pieces(list);
        this.at = at;
    }

    /// Returns once the limit is reached or the stream is over.
    ///
    /// @throws ProblemException `target_refused` where a piece lies where nobody may fetch from; what went wrong last
    ///     where nothing came at all
    Recorded run() throws IOException {
        StopToken.Registration cutting = stop.onHold(lines::suspend);
        try (FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            session.meter().from(at.bytes());
            tellProgress();
            while (!at.over()) {
                stop.awaitDecision();
                step(file);
            }
            return at;
        } finally {
            cutting.close();
        }
    }

    private void step(FileChannel file) throws IOException {
        PieceList now = look();
        boolean more = now != null && now.next() > at.next();
        if (now != null) {
            target = now.target();
            take(file, now);
        }
        if (at.over()) {
            return;
        }
        if (now != null && now.ended()) {
            end();
        } else if (System.nanoTime() - movedNanos > patience().toNanos()) {
            standStill();
        } else if (now == null) {
            stop.sleep(means.patience().firstWait().multipliedBy(Math.min(failures, 20)));
        } else {
            // RFC 8216 §6.3.4.
            stop.sleep(Duration.ofMillis((long) (1000 * (more ? target : target / 2))));
        }
    }

    private Duration patience() {
        Duration still = Duration.ofMillis((long) (1000 * target * STANDSTILL));
        return still.compareTo(means.patience().silence()) > 0
                ? still
                : means.patience().silence();
    }

    /// The list as it is now; null where it cannot be had.
    private @Nullable PieceList look() {
        try {
            return new Watched(lines).call(() -> {
                try (Reply reply = list.ask("bytes=0-", null)) {
                    return Pieces.list(reply);
                }
            });
        } catch (IOException | ProblemException e) {
            failed(e);
            return null;
        }
    }

    /// @throws ProblemException what is no failure of the stream
    private void failed(Exception e) {
        stop.check();
        if (e instanceof ProblemException problem && problem.code() == ErrorCode.TARGET_REFUSED) {
            throw problem;
        }
        if (!(e instanceof Line.Suspended)) {
            failure = e;
            failures++;
        }
    }

    // ---- The pieces

    private void take(FileChannel file, PieceList now) throws IOException {
        if (at.next() < 0) {
            at = at.at(Math.max(now.first(), now.next() - BACK));
        } else if (now.next() + now.pieces().size() < at.next()) {
            // Its server has begun anew and counts from another number.
            note("stream_began_anew", "the stream began anew; what came meanwhile may be missing", Map.of());
            at = at.at(now.first());
        }
        if (now.first() > at.next()) {
            lack(now.first() - at.next());
        }
        for (long number = at.next(); number < now.next() && !at.over(); number++) {
            take(file, number, now.pieces().get((int) (number - now.first())));
        }
    }

    private void take(FileChannel file, long number, PieceList.Piece piece) throws IOException {
        Recorded before = at;
        if (!piece.gap() && fetch(file, number, piece)) {
            file.force(false);
            movedNanos = System.nanoTime();
            failure = null;
            failures = 0;
            session.save(MediaCheckpoint.recorded(at));
            tellProgress();
            if (at.seconds() >= limit) {
                end();
            }
        } else if (!at.over()) {
            at = before;
            lack(1);
        }
    }

    private boolean fetch(FileChannel file, long number, PieceList.Piece piece) throws IOException {
        for (int tries = 1; tries <= TRIES; ) {
            Recorded before = at;
            try {
                new Watched(lines).call(() -> {
                    append(file, number, piece);
                    return true;
                });
                return true;
            } catch (Full e) {
                note("too_large", "the recording ends where it has what download.max-size allows", Map.of());
                taken(before);
                end();
                return false;
            } catch (ChangedForm e) {
                taken(before);
                if (at.bytes() == 0) {
                    throw LiveStream.refused(e.why);
                }
                note("stream_changed", "the stream is recorded up to where " + e.why, Map.of());
                end();
                return false;
            } catch (IOException | ProblemException e) {
                taken(before);
                failed(e);
                if (e instanceof Line.Suspended) {
                    stop.awaitDecision();
                    continue;
                }
                if (tries++ < TRIES) {
                    stop.sleep(means.patience().firstWait().multipliedBy(tries));
                }
            }
        }
        return false;
    }

    /// What came of a piece that is not whole does not count.
    private void taken(Recorded before) {
        session.meter().back(session.meter().bytes() - before.bytes());
        at = before;
    }

    private void append(FileChannel file, long number, PieceList.Piece piece) throws IOException {
        Pieces.whyNot(piece).ifPresent(why -> {
            throw new ChangedForm(why);
        });
        String head = piece.head();
        if (head != null && (at.head() == null || !head.equals(headSeen))) {
            byte[] bytes = pieces.small(head);
            String digest =
                    HexFormat.of().formatHex(Checksum.Algorithm.SHA256.digest().digest(bytes));
            if (at.head() == null && at.bytes() == 0) {
                write(file, 0, ByteBuffer.wrap(bytes));
                at = at.behind(digest, bytes.length);
            } else if (!digest.equals(at.head())) {
                throw new ChangedForm("it goes on in another form");
            }
            headSeen = head;
        } else if (head == null && at.head() != null) {
            throw new ChangedForm("it goes on in another form");
        }
        long begin = at.bytes();
        long length = 0;
        ByteBuffer buffer = ByteBuffer.allocate(STEP);
        try (Pieces.Content content = pieces.open(number, piece)) {
            while (content.read(buffer.clear()) >= 0) {
                buffer.flip();
                means.throttles().take(content.host(), buffer.remaining(), stop);
                length += buffer.remaining();
                write(file, begin + length - buffer.remaining(), buffer);
            }
        }
        Fetching.requireMedia(path, begin);
        at = at.with(piece.seconds(), length);
    }

    private void write(FileChannel file, long position, ByteBuffer bytes) {
        if (position + bytes.remaining() > means.maxSize()) {
            throw new Full();
        }
        session.hand(bytes.remaining(), () -> {
            try {
                long to = position;
                while (bytes.hasRemaining()) {
                    to += file.write(bytes, to);
                }
            } catch (IOException e) {
                // It is not the stream's.
                throw new UncheckedIOException(e);
            }
        });
    }

    /// The file has as much as it may have.
    private static final class Full extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// What comes next cannot stand in the file.
    private static final class ChangedForm extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String why;

        ChangedForm(String why) {
            this.why = why;
        }
    }

    // ---- What is told

    private void lack(long count) {
        if (at.bytes() == 0) {
            at = at.at(at.next() + count);
            return;
        }
        at = at.lacking(count);
        if (notes++ < MOST_NOTES) {
            note(
                    "stream_gap",
                    String.format(Locale.ROOT, "after %.0f s %d pieces of the stream are missing", at.seconds(), count),
                    Map.of("pieces", count, "seconds", at.seconds()));
        }
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
                    "in all " + all.missing() + " pieces of the stream are missing in the recording",
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
                        "the stream stood still for %d s without having said that it ends: %.0f s of it are recorded",
                        patience().toSeconds(),
                        at.seconds()),
                Map.of("seconds", at.seconds()));
        end();
    }

    private ProblemException nothing(String words) {
        return switch (failure) {
            case ProblemException refused -> refused;
            case null -> new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, words);
            case Exception e -> new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, words + ": " + e.getMessage(), e);
        };
    }

    private void note(String code, String words, Map<String, Object> details) {
        session.note(new Note(Note.Level.WARNING, code, words, details));
    }

    /// How many bytes there will be is not known: how many seconds are wanted is.
    private void tellProgress() {
        if (at.seconds() > 0) {
            session.meter().total(Math.max(at.bytes(), (long) (at.bytes() * limit / at.seconds())));
        }
    }
}
