package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The file onto which a live stream is recorded, one piece behind the other. What of a piece is on it that is not
/// whole goes before the next one comes.
final class Tape implements AutoCloseable {
    /// With which each packet begins (ISO/IEC 13818-1 §2.4.3.3).
    static final int MPEG_TS = 0x47;
    private static final int STEP = 256 << 10;
    /// A piece that takes several times as long as it is would take the time of the next ones.
    private static final int SLOWER = 3;
    private static final long LEAST_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final String OTHER_FORM = "the stream goes on in another form";

    private final Session session;
    private final Throttles throttles;
    private final long maxSize;
    private final Path path;
    private final FileChannel file;
    private @Nullable String headSeen;
    private boolean boxes;

    /// @param maxSize bytes that it may have
    /// @throws UncheckedIOException where it cannot be written to; so each call
    Tape(Session session, Path path, Throttles throttles, long maxSize) {
        this.session = session;
        this.path = path;
        this.throttles = throttles;
        this.maxSize = maxSize;
        try {
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Nothing more can be put onto it.
    static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final ErrorCode error;
        private final String why;

        private Ended(ErrorCode error, String why) {
            super(why);
            this.error = error;
            this.why = why;
        }

        String code() {
            return error == ErrorCode.TOO_LARGE ? error.code() : "stream_changed";
        }

        String why() {
            return why;
        }

        /// What it is where there is nothing on the tape yet.
        ProblemException refusal() {
            return error == ErrorCode.TOO_LARGE ? new ProblemException(error, why) : LiveStream.refused(why);
        }
    }

    private static Ended changed(String why) {
        return new Ended(ErrorCode.UPSTREAM_REFUSED, why);
    }

    /// Puts a piece behind what is there; on the disk once this returns.
    ///
    /// @param number that it has in its list
    /// @return what is there then
    /// @throws IOException where it does not come whole
    /// @throws ProblemException where its server refuses, or it is no media
    /// @throws Ended where nothing more can be put onto it
    Recorded append(Recorded at, long number, PieceList.Piece piece, Pieces pieces) throws IOException {
        cut(at.bytes());
        session.meter().back(session.meter().bytes() - at.bytes());
        Pieces.whyNot(piece).ifPresent(why -> {
            throw changed(why);
        });
        Recorded begun = head(at, piece.head(), pieces);
        long length = 0;
        long spent = 0;
        long most = Math.max(LEAST_PATIENCE_NANOS, (long) (SLOWER * 1e9 * piece.seconds()));
        ByteBuffer buffer = ByteBuffer.allocate(STEP);
        try (Pieces.Content content = pieces.open(number, piece)) {
            while (true) {
                long before = spent;
                long reading = System.nanoTime();
                int some = content.read(buffer.clear());
                spent += System.nanoTime() - reading;
                if (some < 0) {
                    break;
                }
                if (before > most) {
                    throw new IOException("a piece did not come in " + TimeUnit.NANOSECONDS.toSeconds(most) + " s");
                }
                throttles.take(content.host(), some, session.stop());
                write(begun.bytes() + length, buffer.flip());
                length += some;
            }
        }
        if (length == 0) {
            throw new EOFException("a piece is empty");
        }
        Fetching.requireMedia(path, begun.bytes());
        if (begun.head() != null && boxes) {
            Boxes.requireWhole(file, begun.bytes());
        }
        force();
        return begun.with(piece.seconds(), length);
    }

    /// Puts what stands before the pieces, once.
    private Recorded head(Recorded at, @Nullable String head, Pieces pieces) throws IOException {
        if (head == null) {
            if (at.head() != null) {
                throw changed(OTHER_FORM);
            }
            return at;
        }
        if (at.head() != null && head.equals(headSeen)) {
            return at;
        }
        byte[] bytes = pieces.head(head);
        String digest =
                HexFormat.of().formatHex(Checksum.Algorithm.SHA256.digest().digest(bytes));
        headSeen = head;
        boxes = bytes.length > 0 && bytes[0] != MPEG_TS;
        if (digest.equals(at.head())) {
            return at;
        }
        if (at.bytes() > 0) {
            throw changed(OTHER_FORM);
        }
        Fetching.requireMedia(bytes);
        write(0, ByteBuffer.wrap(bytes));
        return at.behind(digest, bytes.length);
    }

    private void write(long position, ByteBuffer bytes) {
        if (position + bytes.remaining() > maxSize) {
            throw new Ended(
                    ErrorCode.TOO_LARGE, "it has more than the " + maxSize + " bytes that download.max-size allows");
        }
        session.hand(bytes.remaining(), () -> {
            try {
                long to = position;
                while (bytes.hasRemaining()) {
                    to += file.write(bytes, to);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void cut(long size) {
        try {
            file.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void force() {
        try {
            file.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
