package dev.sluice.files;

import java.net.URI;
import java.nio.file.Path;

/// Paths as one word of a line of text, exact also for names that are no UTF-8.
final class PathText {
    /// How a path begins whose bytes stand as in its URI; no normal path does.
    private static final String RAW = "//";

    private PathText() {}

    /// @param path absolute
    static String of(Path path) {
        String text = path.toString();
        boolean exact = text.indexOf('\uFFFD') < 0;
        return exact ? escaped(text) : RAW + path.toUri().getRawPath();
    }

    static Path path(String word) {
        return word.startsWith(RAW)
                ? Path.of(URI.create("file://" + word.substring(RAW.length())))
                : Path.of(text(word));
    }

    /// Any text as one word.
    static String escaped(String text) {
        StringBuilder escaped = null;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c < ' ' || c == '%') {
                if (escaped == null) {
                    escaped = new StringBuilder(text.length() + 8).append(text, 0, at);
                }
                escaped.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else if (escaped != null) {
                escaped.append(c);
            }
        }
        return escaped == null ? text : escaped.toString();
    }

    static String text(String word) {
        if (word.indexOf('%') < 0) {
            return word;
        }
        var text = new StringBuilder(word.length());
        for (int at = 0; at < word.length(); at++) {
            char c = word.charAt(at);
            if (c == '%') {
                text.append((char) Integer.parseInt(word, at + 1, at + 3, 16));
                at += 2;
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
