package dev.sluice.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A list of pieces that has no end yet: what stands in it just now is not the whole.
enum LiveStream {
    /// RFC 8216.
    HLS,
    /// ISO/IEC 23009-1, or in a way of its site's own.
    OTHER;

    private static final int HEAD = 16 << 10;
    /// ISO/IEC 23009-1 §5.3.1.2.
    private static final Pattern GROWING = Pattern.compile("<MPD\\b[^<>]*\\btype\\s*=\\s*[\"']dynamic[\"']");

    /// @param why it cannot be recorded
    static ProblemException refused(String why) {
        return new ProblemException(
                ErrorCode.UPSTREAM_REFUSED,
                "this is a live stream, which has no end, and " + why + ": fetch it once it is over");
    }

    /// What is told of a file or a film that has an end, where a limit was asked for.
    static Note notLive(int seconds) {
        return new Note(
                Note.Level.WARNING,
                "not_live",
                "this is no live stream: all of it is fetched, whatever maxDuration says",
                Map.of("maxDuration", seconds));
    }

    /// @param name of what it is of
    /// @param most seconds that are wanted of it, or null
    /// @throws ProblemException `upstream_refused` where it cannot be recorded, or not without a limit
    void requireLimit(String name, @Nullable Integer most) {
        if (this == OTHER) {
            throw refused(name + " does not come by HLS, by which alone such can be recorded");
        }
        if (most == null) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    name + " is a live stream, which has no end and needs a limit: say by maxDuration (--max-duration)"
                            + " how many seconds of it are wanted");
        }
    }

    /// Which something is the list of.
    ///
    /// @param page an answer of its server, open
    /// @throws IOException where the list, or the first of those that it names, cannot be read
    static Optional<LiveStream> of(Origin origin, Reply page) throws IOException {
        String text = text(page);
        if (!text.startsWith(PieceList.BEGIN)) {
            return GROWING.matcher(text).find() ? Optional.of(OTHER) : Optional.empty();
        }
        Optional<String> form = PieceList.firstOfForms(text);
        if (form.isEmpty()) {
            return open(text);
        }
        try (Reply list = origin.of(origin.found().to(form.get())).ask("bytes=0-", null)) {
            return open(text(list));
        }
    }

    private static Optional<LiveStream> open(String text) {
        PieceList list = PieceList.of(text);
        return list.pieces().isEmpty() || list.ended() ? Optional.empty() : Optional.of(HLS);
    }

    /// Of what is no list only its head.
    private static String text(Reply reply) throws IOException {
        var all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(HEAD);
        String head = "";
        while (all.size() < Pieces.LONGEST_LIST && reply.read(some.clear()) >= 0) {
            all.write(some.array(), 0, some.position());
            if (head.length() < PieceList.BEGIN.length()) {
                head = all.toString(UTF_8);
            }
            if (all.size() >= HEAD && !head.startsWith(PieceList.BEGIN)) {
                break;
            }
        }
        String text = all.toString(UTF_8);
        // Of a list that is too long nobody knows the end.
        return all.size() < Pieces.LONGEST_LIST ? text : text + "\n" + PieceList.END;
    }
}
