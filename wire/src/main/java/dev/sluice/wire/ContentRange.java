package dev.sluice.wire;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;

/// What the `Content-Range` of a PUT says that its body is (RFC 9110 §14.4, §14.5).
public sealed interface ContentRange {
    /// The bytes of the whole file, where the client tells.
    OptionalLong total();

    /// `bytes 0-4/10`, or `bytes 0-4/*`: the body is this run of the file's bytes.
    ///
    /// @param last inclusive, not before `first`
    record Part(long first, long last, OptionalLong total) implements ContentRange {
        public long length() {
            return last - first + 1;
        }

        /// Whether the file ends with this part.
        public boolean ends() {
            return total.isPresent() && total.getAsLong() == last + 1;
        }
    }

    /// `bytes */10`: no bytes; the client asks how many there are.
    record Query(OptionalLong total) implements ContentRange {}

    /// @throws ProblemException `invalid_request` where the value is no content range
    static ContentRange parse(String header) {
        Matcher matcher = Syntax.CONTENT_RANGE.matcher(header);
        if (!matcher.matches()) {
            throw invalid("is malformed");
        }
        String totalDigits = matcher.group(3);
        OptionalLong total = totalDigits == null ? OptionalLong.empty() : OptionalLong.of(Syntax.number(totalDigits));
        String firstDigits = matcher.group(1);
        String lastDigits = matcher.group(2);
        if (firstDigits == null || lastDigits == null) {
            if (total.isEmpty()) {
                throw invalid("tells neither a range nor a total");
            }
            return new Query(total);
        }
        long first = Syntax.number(firstDigits);
        long last = Syntax.number(lastDigits);
        if (last < first) {
            throw invalid("ends before it begins");
        }
        if (total.isPresent() && last >= total.getAsLong()) {
            throw invalid("goes beyond its total");
        }
        return new Part(first, last, total);
    }

    private static ProblemException invalid(String state) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "The header Content-Range " + state + "; expected: bytes FIRST-LAST/TOTAL, TOTAL may be *.",
                Map.of("field", "Content-Range"));
    }
}
