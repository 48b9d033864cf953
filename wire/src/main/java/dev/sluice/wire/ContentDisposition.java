package dev.sluice.wire;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// The header that names a download (RFC 6266).
public final class ContentDisposition {
    private static final String ATTR_CHARS = "!#$&+-.^_`|~";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private ContentDisposition() {}

    /// `attachment; filename="a.txt"`, and where the name is not plain ASCII, its likeness and the name itself
    /// as `filename*` (RFC 8187). Nothing in `name` can end the header or add to it.
    public static String attachment(String name) {
        var likeness = new StringBuilder();
        name.codePoints().forEach(point -> likeness.append(isPlain(point) ? (char) point : '_'));
        String header = "attachment; filename=\"" + likeness + "\"";
        return likeness.toString().equals(name) ? header : header + "; filename*=UTF-8''" + encoded(name);
    }

    /// Quotes and backslashes would have to be escaped, percent signs are decoded by some browsers.
    private static boolean isPlain(int point) {
        return point >= 0x20 && point < 0x7f && point != '"' && point != '\\' && point != '%';
    }

    private static String encoded(String name) {
        var encoded = new StringBuilder();
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || ATTR_CHARS.indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX.toHexDigits(octet));
            }
        }
        return encoded.toString();
    }
}
