package dev.sluice.download;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A list of pieces as it stands just now: a media playlist of HLS (RFC 8216 §4.3).
///
/// @param first the number of the first piece: its media sequence number
/// @param longestSeconds that a piece has, as its server says: 1 to 60
/// @param ended whether no more are added
record PieceList(long first, double longestSeconds, boolean ended, List<Piece> pieces) {
    static final String BEGIN = "#EXTM3U";
    static final String END = "#EXT-X-ENDLIST";

    private static final String FORM = "#EXT-X-STREAM-INF:";
    private static final double MOST_SECONDS = 60;
    private static final double LEAST_SECONDS = 0.1;
    private static final int LONGEST_LINE = 16 << 10;
    /// Each name is begun where no name goes on, and gives no character back: in time that grows with the line.
    private static final Pattern ATTRIBUTE = Pattern.compile("(?<![A-Z0-9-])([A-Z0-9-]++)=(\"[^\"]*+\"|[^,]*+)");

    PieceList {
        pieces = List.copyOf(pieces);
    }

    /// @param uri relative to that of the list
    /// @param gap whether its server has lost it
    /// @param head the URI of what stands before the pieces in a file of them (§4.3.2.5), or null
    /// @param key what it is encrypted with, or null
    /// @param part whether it, or its head, is a part of a file only
    record Piece(
            String uri,
            double seconds,
            boolean gap,
            @Nullable String head,
            @Nullable Key key,
            boolean part) {}

    /// @param method `AES-128`, or one that nobody here knows
    /// @param iv as 32 hexadecimal digits; null: the number of the piece
    record Key(String method, String uri, @Nullable String iv) {}

    /// How long the next piece may be waited for: as long as the last one is.
    double pieceSeconds() {
        return pieces.isEmpty()
                ? longestSeconds
                : Math.min(longestSeconds, pieces.getLast().seconds());
    }

    /// The number that the next piece will have.
    long next() {
        return first + pieces.size();
    }

    /// Of a list of lists, which holds the same in several forms, the URI of the first.
    static Optional<String> firstOfForms(String text) {
        return lines(text)
                .dropWhile(line -> !line.startsWith(FORM))
                .filter(line -> !line.startsWith("#"))
                .findFirst();
    }

    static PieceList of(String text) {
        var parsed = new Parsed();
        lines(text).forEach(parsed::line);
        return new PieceList(parsed.first, parsed.longest, parsed.ended, parsed.pieces);
    }

    private static Stream<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty() && line.length() <= LONGEST_LINE);
    }

    /// What stands in the lines so far.
    private static final class Parsed {
        private final List<Piece> pieces = new ArrayList<>();
        private long first;
        private double longest = 1;
        private boolean ended;
        private @Nullable String head;
        private boolean headIsPart;
        private @Nullable Key key;
        private @Nullable String seconds;
        private boolean gap;
        private boolean part;

        void line(String line) {
            if (!line.startsWith("#")) {
                if (seconds != null) {
                    pieces.add(new Piece(line, seconds(seconds, longest), gap, head, key, part || headIsPart));
                }
                seconds = null;
                gap = false;
                part = false;
                return;
            }
            int colon = line.indexOf(':');
            String said = line.substring(colon + 1);
            switch (colon < 0 ? line : line.substring(0, colon)) {
                case "#EXTINF" -> seconds = said.split(",", 2)[0];
                case "#EXT-X-TARGETDURATION" -> longest = Math.clamp(number(said), 1, MOST_SECONDS);
                case "#EXT-X-MEDIA-SEQUENCE" -> first = whole(said);
                case "#EXT-X-PLAYLIST-TYPE" ->
                    ended |= said.toUpperCase(Locale.ROOT).equals("VOD");
                case END -> ended = true;
                case "#EXT-X-GAP" -> gap = true;
                case "#EXT-X-BYTERANGE" -> part = true;
                case "#EXT-X-MAP" -> {
                    Map<String, String> attributes = attributes(said);
                    head = attributes.get("URI");
                    headIsPart = attributes.containsKey("BYTERANGE");
                }
                case "#EXT-X-KEY" -> key = key(attributes(said));
                default -> {
                    // Of no use for who fetches the pieces.
                }
            }
        }

        private static @Nullable Key key(Map<String, String> attributes) {
            String method = attributes.getOrDefault("METHOD", "");
            String iv = attributes.get("IV");
            return method.equals("NONE")
                    ? null
                    : new Key(method, attributes.getOrDefault("URI", ""), iv == null ? null : digits(iv));
        }

        private static String digits(String iv) {
            String digits = iv.replaceFirst("^0[xX]", "");
            return "0".repeat(Math.max(0, 32 - digits.length())) + digits;
        }
    }

    private static Map<String, String> attributes(String said) {
        var attributes = new HashMap<String, String>();
        Matcher matcher = ATTRIBUTE.matcher(said);
        while (matcher.find()) {
            attributes.put(matcher.group(1), matcher.group(2).replace("\"", ""));
        }
        return attributes;
    }

    /// As a piece may have them, so that a limit is reached by and by.
    private static double seconds(String said, double longest) {
        double number = number(said);
        return number > 0 ? Math.clamp(number, LEAST_SECONDS, 2 * longest) : longest;
    }

    /// 0 where it is none.
    private static double number(String said) {
        try {
            double number = Double.parseDouble(said.strip());
            return Double.isNaN(number) ? 0 : number;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static long whole(String said) {
        try {
            return Math.max(0, Long.parseLong(said.strip()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
