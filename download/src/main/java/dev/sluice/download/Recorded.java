package dev.sluice.download;

import dev.sluice.core.Session;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How much of a live stream has been recorded.
///
/// @param next the number of the piece that comes next (RFC 8216 §4.3.3.2); -1: none has come
/// @param bytes that its file has
/// @param seconds of it that are there
/// @param missing how many pieces are not
/// @param form the name of its form, as yt-dlp calls it; null: none has come
/// @param head the SHA-256 of what stands before the pieces, in hexadecimal; null: nothing does
/// @param over whether nothing more is recorded
record Recorded(
        long next,
        long bytes,
        double seconds,
        long missing,
        @Nullable String form,
        @Nullable String head,
        boolean over) {
    static final Recorded NOTHING = new Recorded(-1, 0, 0, 0, null, null, false);

    /// What sessions of a job have recorded.
    static Optional<Recorded> of(Session session) {
        return session.checkpoint(MediaCheckpoint.class)
                .flatMap(checkpoint -> Optional.ofNullable(checkpoint.recorded()));
    }

    Recorded in(@Nullable String name) {
        return new Recorded(next, bytes, seconds, missing, name, head, over);
    }

    Recorded at(long number) {
        return new Recorded(number, bytes, seconds, missing, form, head, over);
    }

    Recorded lacking(long pieces) {
        return new Recorded(next + pieces, bytes, seconds, missing + pieces, form, head, over);
    }

    Recorded behind(String digest, long length) {
        return new Recorded(next, bytes + length, seconds, missing, form, digest, over);
    }

    Recorded with(double more, long length) {
        return new Recorded(next + 1, bytes + length, seconds + more, missing, form, head, over);
    }

    Recorded ended() {
        return new Recorded(next, bytes, seconds, missing, form, head, true);
    }
}
