package dev.sluice.wire;

import java.util.regex.Pattern;

/// The grammar that the range headers share.
final class Syntax {
    static final Pattern RANGE = Pattern.compile("(?i)\\s*bytes\\s*=[\\s,]*([0-9]*)-([0-9]*)[\\s,]*");
    static final Pattern CONTENT_RANGE =
            Pattern.compile("(?i)\\s*bytes\\s+(?:([0-9]{1,18})-([0-9]{1,18})|\\*)/(?:([0-9]{1,18})|(\\*))\\s*");

    private Syntax() {}

    /// What has more than 18 digits lies behind every content's end.
    static long number(String digits) {
        int zeros = 0;
        while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
            zeros++;
        }
        return digits.length() - zeros > 18 ? Long.MAX_VALUE : Long.parseLong(digits.substring(zeros));
    }
}
