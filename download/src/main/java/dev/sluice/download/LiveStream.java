package dev.sluice.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/// Lists of pieces (HLS, RFC 8216) that have no end yet: what stands in them just now is not the whole.
final class LiveStream {
    private static final int LONGEST = 1 << 20;
    private static final String BEGIN = "#EXTM3U";

    private LiveStream() {}

    /// Refuses a live stream.
    ///
    /// @param page an answer of its server, open
    /// @throws ProblemException `upstream_refused`
    /// @throws IOException where the list, or the first of those that it names, cannot be read
    static void refuse(Origin origin, Reply page) throws IOException {
        List<String> lines = lines(page);
        if (lines.isEmpty() || !lines.getFirst().startsWith(BEGIN)) {
            return;
        }
        if (lines.stream().anyMatch(line -> line.startsWith("#EXT-X-STREAM-INF"))) {
            String first = lines.stream()
                    .dropWhile(line -> !line.startsWith("#EXT-X-STREAM-INF"))
                    .filter(line -> !line.startsWith("#"))
                    .findFirst()
                    .orElse(null);
            if (first != null) {
                try (Reply form = origin.of(origin.found().to(first)).ask("bytes=0-", null)) {
                    requireEnd(lines(form));
                }
            }
        } else {
            requireEnd(lines);
        }
    }

    /// RFC 8216 §4.3.3.4, and §4.3.3.5: a list of type VOD does not change either.
    private static void requireEnd(List<String> lines) {
        boolean pieces = lines.stream().anyMatch(line -> line.startsWith("#EXTINF"));
        boolean ends = lines.stream()
                .anyMatch(line -> line.equals("#EXT-X-ENDLIST")
                        || line.toUpperCase(Locale.ROOT).equals("#EXT-X-PLAYLIST-TYPE:VOD"));
        if (pieces && !ends) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED, "this is a live stream, which has no end: fetch it once it is over");
        }
    }

    private static List<String> lines(Reply reply) throws IOException {
        var bytes = new byte[LONGEST];
        ByteBuffer room = ByteBuffer.wrap(bytes);
        while (room.hasRemaining() && reply.read(room) >= 0) {
            boolean told = room.position() >= BEGIN.length();
            if (told && !new String(bytes, 0, BEGIN.length(), UTF_8).equals(BEGIN)) {
                return List.of();
            }
        }
        String text = new String(bytes, 0, room.position(), UTF_8);
        // Of one that is too long nobody knows the end.
        String whole = room.hasRemaining() ? text : text + "\n#EXT-X-ENDLIST";
        return whole.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
