package dev.sluice.app;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes, as people write it: `1048576`, `256 KiB`, `10 GiB`, `2 GB`.
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([KMGT]?)(i?)(B?)", Pattern.CASE_INSENSITIVE);

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative: " + bytes);
        }
    }

    /// @throws IllegalArgumentException where the text is no size
    public static ByteSize parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no size; write it as 1048576, 256 KiB, 10 GiB or 2 GB");
        }
        int power =
                " KMGT".indexOf(form.group(2).isEmpty() ? " " : form.group(2).toUpperCase(Locale.ROOT));
        long unit = 1;
        for (int i = 0; i < power; i++) {
            unit *= form.group(3).isEmpty() ? 1000 : 1024;
        }
        try {
            return new ByteSize(Math.multiplyExact(Long.parseLong(form.group(1)), unit));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("\"" + text + "\" is more bytes than can be counted", e);
        }
    }
}
