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
import org.jspecify.annotations.Nullable;

/// A list of pieces that has no end yet: what stands in it just now is not the whole.
enum LiveStream {
    /// RFC 8216.
    HLS,
    /// ISO/IEC 23009-1. ffmpeg reads such with holes, or not at all.
    DASH;

    private static final int LONGEST = 1 << 20;
    private static final int HEAD = 16 << 10;
    private static final String BEGIN = "#EXTM3U";
    /// ISO/IEC 23009-1 §5.3.1.2.
    private static final Pattern GROWING = Pattern.compile("<MPD\\b[^<>]*\\btype\\s*=\\s*[\"']dynamic[\"']");

    /// @param name of what it is of
    /// @param most seconds that are wanted of it, or null
    /// @throws ProblemException `upstream_refused` where it cannot be recorded, or not without a limit
    void requireLimit(String name, @Nullable Integer most) {
        if (this == DASH) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    name
                            + " is a live stream, which has no end, and comes by DASH, which cannot be recorded: give a list"
                            + " of HLS where its site has one, or fetch it once it is over");
        }
        if (most == null) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    name + " is a live stream, which has no end and needs a limit: say by maxDuration how many seconds"
                            + " of it are wanted");
        }
    }

    /// Which something is the list of.
    ///
    /// @param page an answer of its server, open
    /// @throws IOException where the list, or the first of those that it names, cannot be read
    static Optional<LiveStream> of(Origin origin, Reply page) throws IOException {
        String text = text(page);
        if (!text.startsWith(BEGIN)) {
            return GROWING.matcher(text).find() ? Optional.of(DASH) : Optional.empty();
        }
        List<String> lines = lines(text);
        if (lines.stream().noneMatch(line -> line.startsWith("#EXT-X-STREAM-INF"))) {
            return open(lines);
        }
        Optional<String> first = lines.stream()
                .dropWhile(line -> !line.startsWith("#EXT-X-STREAM-INF"))
                .filter(line -> !line.startsWith("#"))
                .findFirst();
        if (first.isEmpty()) {
            return Optional.empty();
        }
        try (Reply form = origin.of(origin.found().to(first.get())).ask("bytes=0-", null)) {
            return open(lines(text(form)));
        }
    }

    /// RFC 8216 §4.3.3.4, and §4.3.3.5: a list of type VOD does not change either.
    private static Optional<LiveStream> open(List<String> lines) {
        boolean pieces = lines.stream().anyMatch(line -> line.startsWith("#EXTINF"));
        boolean ends = lines.stream()
                .anyMatch(line -> line.equals("#EXT-X-ENDLIST")
                        || line.toUpperCase(Locale.ROOT).equals("#EXT-X-PLAYLIST-TYPE:VOD"));
        return pieces && !ends ? Optional.of(HLS) : Optional.empty();
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
