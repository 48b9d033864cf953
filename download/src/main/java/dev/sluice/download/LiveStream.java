package dev.sluice.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Lists of pieces that have no end yet (HLS, RFC 8216; DASH, ISO/IEC 23009-1): what stands in them just now is not the
/// whole.
final class LiveStream {
    private static final int LONGEST = 1 << 20;
    private static final int HEAD = 16 << 10;
    private static final String BEGIN = "#EXTM3U";
    /// ISO/IEC 23009-1 §5.3.1.2.
    private static final Pattern GROWING = Pattern.compile("<MPD\\b[^<>]*\\btype\\s*=\\s*[\"']dynamic[\"']");

    private LiveStream() {}

    static ProblemException refused(String name) {
        return new ProblemException(
                ErrorCode.UPSTREAM_REFUSED,
                name + " is a live stream, which has no end and would need a limit; none can be given: fetch it once it"
                        + " is over");
    }

    /// Whether something is the list of a live stream.
    ///
    /// @param page an answer of its server, open
    /// @throws IOException where the list, or the first of those that it names, cannot be read
    static boolean is(Origin origin, Reply page) throws IOException {
        String text = text(page);
        if (!text.startsWith(BEGIN)) {
            return GROWING.matcher(text).find();
        }
        List<String> lines = lines(text);
        if (lines.stream().noneMatch(line -> line.startsWith("#EXT-X-STREAM-INF"))) {
            return isOpen(lines);
        }
        Optional<String> first = lines.stream()
                .dropWhile(line -> !line.startsWith("#EXT-X-STREAM-INF"))
                .filter(line -> !line.startsWith("#"))
                .findFirst();
        if (first.isEmpty()) {
            return false;
        }
        try (Reply form = origin.of(origin.found().to(first.get())).ask("bytes=0-", null)) {
            return isOpen(lines(text(form)));
        }
    }

    /// RFC 8216 §4.3.3.4, and §4.3.3.5: a list of type VOD does not change either.
    private static boolean isOpen(List<String> lines) {
        boolean pieces = lines.stream().anyMatch(line -> line.startsWith("#EXTINF"));
        boolean ends = lines.stream()
                .anyMatch(line -> line.equals("#EXT-X-ENDLIST")
                        || line.toUpperCase(Locale.ROOT).equals("#EXT-X-PLAYLIST-TYPE:VOD"));
        return pieces && !ends;
    }

    /// Of what is no list only its head.
    private static String text(Reply reply) throws IOException {
        var bytes = new byte[LONGEST];
        ByteBuffer room = ByteBuffer.wrap(bytes);
        while (room.hasRemaining() && reply.read(room) >= 0) {
            boolean list =
                    room.position() < BEGIN.length() || new String(bytes, 0, BEGIN.length(), UTF_8).equals(BEGIN);
            if (!list && room.position() >= HEAD) {
                break;
            }
        }
        String text = new String(bytes, 0, room.position(), UTF_8);
        if (!text.startsWith(BEGIN)) {
            return text.substring(0, Math.min(text.length(), HEAD));
        }
        // Of one that is too long nobody knows the end.
        return room.hasRemaining() ? text : text + "\n#EXT-X-ENDLIST";
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
