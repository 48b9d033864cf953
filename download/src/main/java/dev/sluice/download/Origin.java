package dev.sluice.download;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// Who has the file: asks for it, follows redirects, says what answers mean. Safe for use by many threads.
final class Origin {
    private static final int REDIRECTS = 10;
    private static final String AGENT = "User-Agent";
    /// What else a server may want to be asked with.
    static final Set<String> ASKED = Set.of(AGENT, "Referer", "Origin");

    private final Target first;
    private final Map<String, String> headers;
    private final Lines lines;
    private final StopToken stop;
    private volatile Target last;

    Origin(Target target, Lines lines, StopToken stop) {
        this(target, Map.of(), lines, stop);
    }

    /// @param headers of [#ASKED], in the place of ours
    Origin(Target target, Map<String, String> headers, Lines lines, StopToken stop) {
        this.first = target;
        this.headers = headers;
        this.last = target;
        this.lines = lines;
        this.stop = stop;
    }

    /// Another file, which this one names; with the credentials of the first only where it is of the same server.
    Origin of(Target other) {
        boolean ours = other.isOfSameOrigin(first) && other.user() == null;
        return new Origin(ours ? other.with(first.user()) : other, headers, lines, stop);
    }

    /// Where the file was found, behind all redirects.
    Target found() {
        return last;
    }

    /// Asks for bytes of the file.
    ///
    /// @param range as the header says it, `bytes=0-`
    /// @param unchanged the validator (RFC 9110 §13.1.5) of the file that is meant, or null
    /// @throws IOException where the server cannot be reached or breaks off
    /// @throws ProblemException where it refuses
    Reply ask(String range, @Nullable String unchanged) throws IOException {
        boolean redirected = !last.equals(first);
        try {
            return follow(last, range, unchanged);
        } catch (ProblemException e) {
            // Where a redirect led to is often good for a while only.
            if (!redirected || e.code() == ErrorCode.TARGET_REFUSED || e.code() == ErrorCode.UPSTREAM_THROTTLED) {
                throw e;
            }
            return follow(first, range, unchanged);
        }
    }

    private Reply follow(Target from, String range, @Nullable String unchanged) throws IOException {
        Target target = from;
        for (int hop = 0; hop <= REDIRECTS; hop++) {
            Reply reply = send(target, range, unchanged);
            String location = reply.header(HttpHeader.LOCATION);
            switch (reply.status()) {
                case 301, 302, 303, 307, 308 -> {
                    reply.close();
                    if (location == null) {
                        throw new ProblemException(
                                ErrorCode.UPSTREAM_REFUSED, target.host() + " redirects and does not say where to");
                    }
                    target = target.to(Reply.text(location));
                }
                case 200, 206, 416 -> {
                    last = target;
                    return reply;
                }
                default -> {
                    reply.close();
                    throw Refusals.of(target, reply);
                }
            }
        }
        throw new ProblemException(
                ErrorCode.UPSTREAM_REFUSED,
                first.host() + " redirects more than " + REDIRECTS + " times, from " + first + " to " + target);
    }

    private Reply send(Target target, String range, @Nullable String unchanged) throws IOException {
        byte[] request = request(target, range, unchanged).getBytes(ISO_8859_1);
        Line kept = lines.kept(target);
        if (kept != null) {
            try {
                return answered(kept, request);
            } catch (IOException e) {
                // The server may have closed it while nobody looked.
                lines.drop(kept);
                stop.check();
            }
        }
        Line line = open(target);
        try {
            return answered(line, request);
        } catch (IOException e) {
            lines.drop(line);
            stop.check();
            throw e;
        }
    }

    /// Asks for nothing while it is being decided whether anything more is to come.
    private Reply answered(Line line, byte[] request) throws IOException {
        stop.awaitDecision();
        line.write(ByteBuffer.wrap(request));
        return Reply.read(lines, line);
    }

    private Line open(Target target) throws IOException {
        try {
            return lines.open(target);
        } catch (SSLException e) {
            stop.check();
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    "there is no safe connection to " + target.host() + ": " + e.getMessage(),
                    e);
        }
    }

    private String request(Target target, String range, @Nullable String unchanged) {
        String user = target.user() != null ? target.user() : target.isOfSameOrigin(first) ? first.user() : null;
        return "GET " + target.path() + " HTTP/1.1\r\n"
                + "Host: " + target.authority() + "\r\n"
                + asked()
                + "Accept: */*\r\n"
                + "Accept-Encoding: identity\r\n"
                + "Range: " + range + "\r\n"
                + (unchanged == null ? "" : "If-Range: " + unchanged + "\r\n")
                + (user == null ? "" : "Authorization: Basic " + basic(user) + "\r\n")
                + "\r\n";
    }

    private String asked() {
        var all = new TreeMap<>(Map.of(AGENT, "Sluice"));
        all.putAll(headers);
        return all.entrySet().stream()
                .map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
                .collect(Collectors.joining());
    }

    private static String basic(String user) {
        String all = Target.decoded(user.indexOf(':') < 0 ? user + ":" : user);
        return Base64.getEncoder().encodeToString(all.getBytes(StandardCharsets.UTF_8));
    }
}
