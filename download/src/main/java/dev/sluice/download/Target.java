package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.SafeName;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a URL of a file says (RFC 3986; numbers in place of a host as browsers read them, WHATWG URL §3.5).
///
/// @param secure whether it is reached through TLS
/// @param host a name, or an address: IPv6 without brackets
/// @param path from the first slash, with the query
/// @param user `name:password` as it stands in the URL, or null
record Target(
        boolean secure,
        String host,
        int port,
        String path,
        @Nullable String user) {
    private static final int LONGEST = 8192;
    private static final Pattern BEGINNING = Pattern.compile("(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?]*");

    /// @throws ProblemException `invalid_request`; `target_refused` where it is of no scheme that is fetched
    static Target of(String url) {
        String text = url.strip();
        if (text.length() > LONGEST) {
            throw invalid("a URL has " + LONGEST + " characters at the most");
        }
        try {
            return of(new URI(escaped(text)));
        } catch (URISyntaxException e) {
            throw invalid("\"" + withoutSecrets(text) + "\" is no URL: " + e.getReason());
        }
    }

    private static Target of(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new ProblemException(
                    ErrorCode.TARGET_REFUSED,
                    scheme.isEmpty()
                            ? "a URL begins with http:// or https://"
                            : "URLs of the scheme " + scheme + " are not fetched, only http and https",
                    Map.of("field", "url"));
        }
        String authority = uri.getRawAuthority();
        if (authority == null) {
            throw invalid("the URL names no host");
        }
        int at = authority.lastIndexOf('@');
        String place = authority.substring(at + 1);
        int colon = place.endsWith("]") ? -1 : place.lastIndexOf(':');
        String host = host(colon < 0 ? place : place.substring(0, colon));
        int standard = scheme.equals("https") ? 443 : 80;
        int port = colon < 0 || colon == place.length() - 1 ? standard : port(place.substring(colon + 1));
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new Target(standard == 443, host, port, path + query, at < 0 ? null : authority.substring(0, at));
    }

    private static int port(String digits) {
        int port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        if (port > 0 && port <= 0xffff) {
            return port;
        }
        // It may be a password whose `@` is missing.
        throw invalid("what stands behind the name of the host and a colon is no port, which has 1 to 65535");
    }

    private static String host(String raw) {
        if (raw.startsWith("[") && raw.endsWith("]")) {
            String address = raw.substring(1, raw.length() - 1);
            if (!address.matches("[0-9a-fA-F:.]+")) {
                throw invalid("\"" + raw + "\" is no address");
            }
            return address;
        }
        String name = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        while (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        try {
            name = IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw invalid("\"" + raw + "\" is no name of a host");
        }
        if (name.isEmpty() || !name.matches("[a-z0-9._-]+")) {
            throw invalid("\"" + raw + "\" is no name of a host");
        }
        String number = NumericHost.of(name);
        return number == null ? name : number;
    }

    /// What browsers send percent-encoded: people paste URLs from there.
    private static String escaped(String text) {
        var out = new StringBuilder();
        int fragment = text.indexOf('#');
        String url = fragment < 0 ? text : text.substring(0, fragment);
        Matcher beginning = BEGINNING.matcher(url);
        int plain = beginning.lookingAt() ? beginning.end() : 0;
        for (int i = 0; i < url.length(); ) {
            int point = url.codePointAt(i);
            boolean percent = point == '%'
                    && (i + 2 >= url.length()
                            || !HexFormat.isHexDigit(url.charAt(i + 1))
                            || !HexFormat.isHexDigit(url.charAt(i + 2)));
            boolean odd = point <= ' ' || point >= 0x7f || "\"<>\\^`{|}[]".indexOf(point) >= 0 || percent;
            if (odd && i >= plain) {
                for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
                    out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
                }
            } else {
                out.appendCodePoint(point);
            }
            i += Character.charCount(point);
        }
        return out.toString();
    }

    /// Where a redirect from here leads.
    ///
    /// @throws ProblemException as [#of(String)]
    Target to(String location) {
        try {
            String said = location.strip();
            if (said.length() > LONGEST) {
                throw new ProblemException(
                        ErrorCode.UPSTREAM_REFUSED, host + " redirects to a URL of " + said.length() + " characters");
            }
            // RFC 3986 §5.2.2: a query alone keeps the path, which URI#resolve does not know.
            String whole = said.startsWith("?") ? withoutUser().replaceFirst("\\?.*", "") + said : said;
            return of(new URI(withoutUser()).resolve(new URI(escaped(whole))));
        } catch (URISyntaxException e) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED, host + " redirects to what is no URL: " + e.getReason());
        }
    }

    private String origin() {
        String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return (secure ? "https://" : "http://") + name + (port == (secure ? 443 : 80) ? "" : ":" + port);
    }

    /// Whether both are of one server, so that what lets in at one may be told to the other.
    boolean isOfSameOrigin(Target other) {
        return origin().equals(other.origin());
    }

    /// As the header `Host` wants it.
    String authority() {
        String origin = origin();
        return origin.substring(origin.indexOf("//") + 2);
    }

    Target with(@Nullable String other) {
        return new Target(secure, host, port, path, other);
    }

    String withoutUser() {
        return origin() + path;
    }

    /// All of it.
    String whole() {
        return user == null ? withoutUser() : withoutUser().replaceFirst("//", "//" + user.replace("$", "\\$") + "@");
    }

    /// The URL without what could be secret in it: the values of its query, user and password.
    String shown() {
        return masked(withoutUser());
    }

    boolean isShownWhole() {
        return shown().equals(whole());
    }

    private static String withoutSecrets(String text) {
        return masked(text.replaceFirst("(?s)//.*@", "//").replaceFirst("(?s)#.*", ""));
    }

    /// Nobody can tell by a name which values let their bearer in: none is shown.
    private static String masked(String url) {
        int query = url.indexOf('?') + 1;
        var out = new StringBuilder(url.substring(0, query == 0 ? url.length() : query));
        for (String part : url.substring(out.length()).split("(?=&)", -1)) {
            int value = part.indexOf('=') + 1;
            out.append(value > 0 && value < part.length() ? part.substring(0, value) + "..." : part);
        }
        return out.toString();
    }

    /// What a file from here is called, should its server not say it.
    String filename() {
        int query = path.indexOf('?');
        String file = query < 0 ? path : path.substring(0, query);
        while (file.endsWith("/")) {
            file = file.substring(0, file.length() - 1);
        }
        String last = file.substring(file.lastIndexOf('/') + 1);
        return SafeName.of(last.isEmpty() ? host.replace(':', '_') : decoded(last));
    }

    static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static ProblemException invalid(String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", "url"));
    }

    @Override
    public String toString() {
        return shown();
    }
}
