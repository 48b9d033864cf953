package dev.sluice.fakes;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The `Content-Range` of a PUT to a session (RFC 9110 §14.4).
///
/// @param first -1 for `bytes */…`
/// @param last inclusive; -1 for `bytes */…`
/// @param total -1 for `*`
record ContentRange(long first, long last, long total) {
    private static final Pattern SYNTAX = Pattern.compile("bytes (?:(\\d{1,18})-(\\d{1,18})|\\*)/(?:(\\d{1,18})|\\*)");

    static @Nullable ContentRange of(@Nullable String header) {
        if (header == null) {
            return null;
        }
        Matcher matcher = SYNTAX.matcher(header);
        if (!matcher.matches()) {
            throw invalid(header);
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        String total = matcher.group(3);
        var range = new ContentRange(
                first == null ? -1 : Long.parseLong(first),
                last == null ? -1 : Long.parseLong(last),
                total == null ? -1 : Long.parseLong(total));
        if (range.last < range.first || (range.total >= 0 && range.last >= range.total)) {
            throw invalid(header);
        }
        return range;
    }

    boolean asks() {
        return first < 0;
    }

    boolean ends() {
        return !asks() && last + 1 == total;
    }

    private static Refusal invalid(String header) {
        return Refusal.invalid("Failed to parse Content-Range header: " + header);
    }
}
