package dev.sluice.wire;

import dev.sluice.storage.ByteRange;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/// What a `Range` header asks of a content of known length (RFC 9110 §14).
public sealed interface RangeHeader {
    /// Everything, with status 200: there was no header, or one that may be ignored (another unit, several
    /// ranges, malformed).
    record Whole(long length) implements RangeHeader {}

    /// Status 206.
    record Part(ByteRange range, long length) implements RangeHeader {
        /// The answer's `Content-Range`.
        public String contentRange() {
            return "bytes " + range.first() + "-" + (range.end() - 1) + "/" + length;
        }
    }

    /// Status 416.
    record Unsatisfiable(long length) implements RangeHeader {
        /// The answer's `Content-Range`.
        public String contentRange() {
            return "bytes */" + length;
        }
    }

    /// @param header the header's value, null where there is none
    /// @param length bytes of the whole content
    static RangeHeader parse(@Nullable String header, long length) {
        Matcher spec = Syntax.RANGE.matcher(header == null ? "" : header);
        if (!spec.matches()) {
            return new Whole(length);
        }
        if (spec.group(1).isEmpty()) {
            return suffix(spec.group(2), length);
        }
        long first = number(spec.group(1));
        long last = spec.group(2).isEmpty() ? Long.MAX_VALUE : number(spec.group(2));
        if (last < first) {
            return new Whole(length);
        }
        return first >= length
                ? new Unsatisfiable(length)
                : new Part(new ByteRange(first, Math.min(last, length - 1) - first + 1), length);
    }

    /// Whether the content is still the one of which the client has a part, so that `Range` counts (RFC 9110
    /// §13.1.5).
    ///
    /// @param ifRange the header's value, null where there is none
    /// @param etag the content's strong entity tag, with its quotes
    /// @param modified when it last changed, null where that is unknown
    static boolean applies(@Nullable String ifRange, String etag, @Nullable Instant modified) {
        if (ifRange == null) {
            return true;
        }
        String validator = ifRange.strip();
        if (validator.startsWith("\"") || validator.startsWith("W/")) {
            return validator.equals(etag) && !etag.startsWith("W/");
        }
        try {
            return modified != null
                    && ZonedDateTime.parse(validator, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant()
                            .equals(modified.truncatedTo(ChronoUnit.SECONDS));
        } catch (DateTimeException unreadable) {
            return false; // no date is the date of nothing: the whole content is always right
        }
    }

    private static RangeHeader suffix(String digits, long length) {
        if (digits.isEmpty()) {
            return new Whole(length);
        }
        long count = Math.min(number(digits), length);
        return count == 0 ? new Unsatisfiable(length) : new Part(new ByteRange(length - count, count), length);
    }

    private static long number(String digits) {
        return Syntax.number(digits);
    }
}
