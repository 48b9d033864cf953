package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.SafeName;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What yt-dlp's words mean. They are for people and change, so this goes by what they have had in common for years.
final class Complaint {
    static final String NO_FFMPEG =
            "ffmpeg is not installed, which this download needs: apt install ffmpeg, or set download.ffmpeg";

    private static final int LONGEST = 500;
    private static final Pattern COLOR = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");
    private static final Pattern PREFIX = Pattern.compile("^ERROR: (?:\\[[^\\]]+\\] (?:[^ :]+: )?)?");
    private static final Pattern TAIL = Pattern.compile(
            "(?i)(; )?please report this issue on.*|\\.? use --[a-z-]+ .*|\\(caused by .*|confirm you are on the .*");
    private static final Pattern SCHEME = Pattern.compile(
            "([a-z0-9+.-]+):// (?:urls|scheme)|un(?:known url type|supported url scheme): \\W?([a-z0-9+.-]+)"
                    + "|(rtmp|mms or rtsp) download detected");
    private static final Pattern CERTIFICATE = Pattern.compile("(?i)certificate verify failed:? ?([^(<>]*)");
    private static final Pattern FULL = Pattern.compile("(?i)no space left");
    private static final Pattern URL = Pattern.compile("(?i)https?://[^\\s'\"<>]+");

    /// The first that is found decides: numbers before words, what is surely meant before what may be.
    private static final Map<Pattern, ErrorCode> MEANINGS = new LinkedHashMap<>();

    static {
        mean(FULL.pattern(), ErrorCode.DISK_FULL);
        mean("file too large|larger than max-filesize", ErrorCode.TOO_LARGE);
        mean(
                "(ffmpeg|ffprobe).*not (found|installed)|(install|provide the path using).*ffmpeg",
                ErrorCode.CONFIGURATION);
        mean("http error 429|too many requests|rate.?limit", ErrorCode.UPSTREAM_THROTTLED);
        mean("http error (404|410)", ErrorCode.UPSTREAM_NOT_FOUND);
        mean("http error (401|402|403|451)", ErrorCode.UPSTREAM_REFUSED);
        mean("http error (408|5[0-9][0-9])", ErrorCode.UPSTREAM_UNAVAILABLE);
        mean(
                "timed? ?out|connection|urlopen error|getaddrinfo|resolve host|ssl:|incompleteread|unreachable"
                        + "|remote end closed|temporary failure|bytes read|bytes, expected|network|data blocks",
                ErrorCode.UPSTREAM_UNAVAILABLE);
        mean(
                "private|removed|deleted|terminated|unavailable|not available|copyright|drm|sign in|log ?in|members"
                        + "|premium|forbidden|your (country|location)|geo.?restrict|cookies|\\bage\\b",
                ErrorCode.UPSTREAM_REFUSED);
        mean(
                "unsupported url|no video|no media|not found|no suitable|requested format|does not exist"
                        + "|unable to (find|recognize)",
                ErrorCode.UPSTREAM_NOT_FOUND);
    }

    /// Where nobody has said how long a piece is, ffmpeg complains of its end although that is none too early.
    private static final Pattern HOLE =
            Pattern.compile("(?i)ends prematurely(?!.*" + Long.toUnsignedString(-1) + ")|failed to open segment");

    /// Of what ffmpeg says yt-dlp shows the last line, which is this one wherever it had begun to write.
    private static final Pattern MAPPING = Pattern.compile("Postprocessing: Stream #\\d");

    private Complaint() {}

    /// Whether a line says that a piece of a stream is missing from what ffmpeg has made of it.
    static boolean isOfAHole(String line) {
        return HOLE.matcher(line).find();
    }

    private static void mean(String words, ErrorCode code) {
        MEANINGS.put(Pattern.compile(words), code);
    }

    /// @param said on the error output
    static ProblemException of(String said) {
        // It draws a line over its progress, also where it shows none.
        String plain = COLOR.matcher(said).replaceAll("").replaceAll("\r(?!\n)", "");
        String first = plain.lines()
                .filter(line -> line.startsWith("ERROR:"))
                .findFirst()
                .orElse(plain.strip());
        if (MAPPING.matcher(first).find()) {
            return FULL.matcher(plain).find()
                    ? new ProblemException(ErrorCode.DISK_FULL, "ffmpeg: no space left on device")
                    : new ProblemException(ErrorCode.UPSTREAM_REFUSED, "ffmpeg cannot put together what has come");
        }
        String message = message(first);
        String lower = message.toLowerCase(Locale.ROOT);
        Matcher scheme = SCHEME.matcher(lower);
        if (scheme.find()) {
            String name = Stream.of(scheme.group(1), scheme.group(2), scheme.group(3))
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseThrow();
            return new ProblemException(
                    ErrorCode.TARGET_REFUSED,
                    "the page, or a list of pieces, names a URL of the scheme " + name
                            + "; only http and https are fetched");
        }
        Matcher certificate = CERTIFICATE.matcher(message);
        if (certificate.find()) {
            return new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    "there is no safe connection: a certificate does not verify ("
                            + certificate.group(1).strip()
                            + "); one of an authority of your own needs SSL_CERT_FILE");
        }
        // Of a form that is missing it says so and that it "is not available".
        if (lower.contains("requested format")) {
            return new ProblemException(ErrorCode.UPSTREAM_NOT_FOUND, message);
        }
        ErrorCode code = MEANINGS.entrySet().stream()
                .filter(meaning -> meaning.getKey().matcher(lower).find())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(ErrorCode.UPSTREAM_REFUSED);
        return new ProblemException(code, code == ErrorCode.CONFIGURATION ? NO_FFMPEG : message);
    }

    private static String message(String line) {
        String text = TAIL.matcher(PREFIX.matcher(line).replaceFirst("")).replaceAll("");
        text = harmless(text);
        text = text.replaceFirst("[;:,]+$", "").strip();
        return SafeName.cut(text.isEmpty() ? "yt-dlp failed and did not say why" : "yt-dlp: " + text, LONGEST);
    }

    /// Words of somebody else's as they may be shown: without what could be secret in the URLs that stand in them, and
    /// without characters that are not seen, or turn those around that are.
    static String harmless(String text) {
        var seen = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (Character.isISOControl(point) || Character.isWhitespace(point)) {
                seen.append(' ');
            } else if (!SafeName.isUnseen(point)) {
                seen.appendCodePoint(point);
            }
        });
        String plain = seen.toString().replaceAll(" +", " ").strip();
        return URL.matcher(plain).replaceAll(Complaint::shown);
    }

    private static String shown(MatchResult url) {
        try {
            return Matcher.quoteReplacement(Target.of(url.group()).shown());
        } catch (ProblemException e) {
            return "a URL";
        }
    }
}
