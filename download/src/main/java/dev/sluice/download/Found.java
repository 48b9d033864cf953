package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.SafeName;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// What a server says of a file.
///
/// @param size in bytes; -1 where only its end tells
/// @param ranges whether parts of it can be asked for
/// @param etag as it stands in the header, or null
/// @param modified as it stands in the header `Last-Modified`, or null
/// @param name safe on every system
/// @param type of its content, without parameters
record Found(
        long size,
        boolean ranges,
        @Nullable String etag,
        @Nullable String modified,
        String name,
        String type) {
    static final long UNKNOWN = -1;

    private static final Pattern CONTENT_RANGE =
            Pattern.compile("bytes +(?:([0-9]{1,18})-([0-9]{1,18})|\\*)/([0-9]{1,18}|\\*)");
    private static final Pattern EXTENDED =
            Pattern.compile("(?i)(?:^|;)\\s*filename\\*\\s*=\\s*UTF-8'[^']*'([^;\\s]+)");
    private static final Pattern QUOTED =
            Pattern.compile("(?i)(?:^|;)\\s*filename\\s*=\\s*\"((?:[^\"\\\\]++|\\\\.)*+)\"");
    private static final Pattern BARE = Pattern.compile("(?i)(?:^|;)\\s*filename\\s*=\\s*([^\";\\s]+)");

    /// @param reply to a request for all bytes from the first on, as a range
    static Found of(Target target, Reply reply) {
        String name = name(target, reply.header(HttpHeader.CONTENT_DISPOSITION));
        String etag = reply.header(HttpHeader.ETAG);
        String modified = reply.header(HttpHeader.LAST_MODIFIED);
        String type = type(reply.header(HttpHeader.CONTENT_TYPE));
        if (reply.status() == 200) {
            return new Found(reply.length(), false, etag, modified, name, type);
        }
        Matcher range = range(target, reply);
        long size = range.group(3).equals("*") ? UNKNOWN : Long.parseLong(range.group(3));
        if (reply.status() == 416) {
            // No byte can be asked for of a file that has none.
            if (size != 0) {
                throw lies(target, "gives no byte of a file of " + range.group(3));
            }
            return new Found(0, false, etag, modified, name, "application/octet-stream");
        }
        requireStart(target, range, 0);
        if (size == UNKNOWN) {
            throw lies(target, "gives a part of a file and does not say how long that is: " + range.group());
        }
        long last = Long.parseLong(range.group(2));
        if (last >= size || (reply.length() >= 0 && reply.length() != last + 1)) {
            throw lies(target, "says " + reply.header(HttpHeader.CONTENT_RANGE) + " and sends " + reply.length());
        }
        return new Found(size, true, etag, modified, name, type);
    }

    private static Matcher range(Target target, Reply reply) {
        String said = reply.header(HttpHeader.CONTENT_RANGE);
        Matcher matcher = CONTENT_RANGE.matcher(said == null ? "" : said.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw lies(
                    target,
                    "answers with a part and does not say which: "
                            + (said == null ? "no Content-Range" : "Content-Range: " + said));
        }
        return matcher;
    }

    private static void requireStart(Target target, Matcher range, long from) {
        if (range.group(1) == null || Long.parseLong(range.group(1)) != from) {
            throw lies(
                    target, "was asked for the bytes from " + from + " on and answers with others: " + range.group());
        }
    }

    private static ProblemException lies(Target target, String how) {
        return new ProblemException(
                ErrorCode.UPSTREAM_REFUSED, "the server of " + target + " is not to be relied on: it " + how);
    }

    /// Behind its last byte, should it have one.
    long end() {
        return size == UNKNOWN ? Long.MAX_VALUE : size;
    }

    /// What a server packs unasked is not the file.
    static void requirePlain(Target target, Reply reply) {
        String packed = reply.packing();
        if (packed != null) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    target.host() + " sends the file packed as " + packed + ", although it was asked for as it is");
        }
    }

    /// Makes sure that a reply holds what was asked for.
    ///
    /// @param from the first byte that was asked for; the reply may end before the last one that was
    /// @throws Changed where it is not the file any more that was found
    void require(Target target, Reply reply, long from) throws Changed {
        if (reply.status() != 206) {
            throw new Changed();
        }
        requirePlain(target, reply);
        Matcher range = range(target, reply);
        if (!range.group(3).equals(Long.toString(size)) || isOther(reply)) {
            throw new Changed();
        }
        requireStart(target, range, from);
        long length = Long.parseLong(range.group(2)) - from + 1;
        if (length < 1 || (reply.length() >= 0 && reply.length() != length)) {
            throw lies(target, "announces " + length + " bytes and sends " + reply.length());
        }
    }

    private boolean isOther(Reply reply) {
        if (etag != null) {
            // A part has the tag that the whole has (RFC 9110 §15.3.7): one without belongs to something else.
            return !etag.equals(reply.header(HttpHeader.ETAG));
        }
        String then = reply.header(HttpHeader.LAST_MODIFIED);
        return modified != null && then != null && !modified.equals(then);
    }

    /// Whether it can be told from another file of the same size that has taken its place.
    boolean isKnownAgain() {
        return validator() != null;
    }

    /// The validator that a request for a part goes with: a weak one does not count there (RFC 9110 §13.1.5), since
    /// other bytes may have it too.
    @Nullable
    String validator() {
        return etag != null && !etag.startsWith("W/") ? etag : modified;
    }

    /// Whether it is a page or a list of pieces, from which something else has to fetch what is meant.
    boolean isPage() {
        return switch (type) {
            case "text/html",
                    "application/xhtml+xml",
                    "application/vnd.apple.mpegurl",
                    "application/x-mpegurl",
                    "audio/mpegurl",
                    "audio/x-mpegurl",
                    "application/dash+xml" -> true;
            default -> name.endsWith(".m3u8") || name.endsWith(".mpd");
        };
    }

    /// Whether it is not what is wanted but something that it can be made of: of a film the sound, of a sound one in
    /// another format.
    boolean isToBeMade(MediaChoice choice) {
        String format = choice.format();
        return choice.audio()
                && (type.startsWith("video/")
                        || (type.startsWith("audio/") && format != null && !name.endsWith("." + format)));
    }

    private static String type(@Nullable String said) {
        if (said == null || said.isBlank()) {
            return "application/octet-stream";
        }
        int semicolon = said.indexOf(';');
        String type =
                (semicolon < 0 ? said : said.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
        return type.matches("[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}") ? type : "application/octet-stream";
    }

    /// RFC 6266: the extended name goes first.
    static String name(Target target, @Nullable String said) {
        if (said != null) {
            String disposition = Reply.text(said);
            Matcher extended = EXTENDED.matcher(disposition);
            if (extended.find()) {
                return SafeName.of(Target.decoded(extended.group(1)));
            }
            Matcher quoted = QUOTED.matcher(disposition);
            if (quoted.find()) {
                return SafeName.of(Target.decoded(quoted.group(1).replaceAll("\\\\(.)", "$1")));
            }
            Matcher bare = BARE.matcher(disposition);
            if (bare.find()) {
                return SafeName.of(Target.decoded(bare.group(1)));
            }
        }
        return target.filename();
    }

    /// What was fetched cannot be gone on with: the file is not any more what was found, or it broke off where its
    /// server sends no parts.
    static final class Changed extends Exception {
        private static final long serialVersionUID = 1L;

        Changed() {}

        /// @param broken how it broke off
        Changed(Exception broken) {
            super(broken);
        }

        boolean brokeOff() {
            return getCause() != null;
        }
    }
}
