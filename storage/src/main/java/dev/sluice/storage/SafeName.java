package dev.sluice.storage;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.regex.Pattern;

/// Names under which files can be stored and shown on every system.
///
/// What comes out of [#of] is one path segment of 1 to 200 bytes of UTF-8 in NFC, without separators, `..`,
/// control and bidirectional characters, `<>:"|?*`, leading dots, trailing dots and spaces, and none of the
/// names that Windows keeps for devices.
public final class SafeName {
    static final int MAX_BYTES = 200;
    private static final int MAX_EXTENSION_BYTES = 32;
    private static final String NAMELESS = "file";
    private static final Pattern RESERVED =
            Pattern.compile("(?i)(con|prn|aux|nul|conin\\$|conout\\$|clock\\$|(com|lpt)[0-9¹²³])( *\\..*| *)");

    private SafeName() {}

    /// The name, made safe: its last path segment, with what is not allowed left out or replaced by `_`. Doing
    /// it twice changes nothing more.
    public static String of(String original) {
        String name = original;
        // One step can make work for another (a cut name ends with a dot), and each only shortens or replaces.
        for (int pass = 0; pass < 10; pass++) {
            String next = once(name);
            if (next.equals(name)) {
                return name;
            }
            name = next;
        }
        return NAMELESS;
    }

    private static String once(String original) {
        String name = clean(Normalizer.normalize(lastSegment(original), Normalizer.Form.NFC));
        name = Normalizer.normalize(name, Normalizer.Form.NFC);
        name = withoutTail(name.replaceAll("\\.{2,}", ".").strip());
        if (name.startsWith(".")) {
            name = "_" + name.substring(1);
        }
        if (name.isEmpty()) {
            return NAMELESS;
        }
        if (RESERVED.matcher(name).matches()) {
            name = "_" + name;
        }
        return shorten(name);
    }

    private static String lastSegment(String path) {
        String[] segments = path.split("[/\\\\]");
        for (int i = segments.length - 1; i >= 0; i--) {
            String segment = segments[i].strip();
            if (!segment.isEmpty() && !segment.equals(".") && !segment.equals("..")) {
                return segment;
            }
        }
        return "";
    }

    private static String clean(String name) {
        var clean = new StringBuilder(name.length());
        name.codePoints().forEach(point -> {
            switch (Character.getType(point)) {
                case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                    clean.append(' ');
                case Character.SURROGATE -> clean.append('_');
                default -> {
                    if ("<>:\"|?*/\\".indexOf(point) >= 0 || (point & 0xfffe) == 0xfffe) {
                        clean.append('_');
                    } else if (!isUnseen(point)) {
                        clean.appendCodePoint(point);
                    }
                }
            }
        });
        return clean.toString();
    }

    private static String shorten(String name) {
        if (bytes(name) <= MAX_BYTES) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        String extension = dot > 0 && bytes(name.substring(dot)) <= MAX_EXTENSION_BYTES ? name.substring(dot) : "";
        String stem = cut(name.substring(0, name.length() - extension.length()), MAX_BYTES - bytes(extension));
        return withoutTail(stem) + extension;
    }

    /// The longest beginning that has at most `max` bytes and cuts no character. The start of `text` that fits
    /// into `max` bytes of UTF-8.
    public static String cut(String text, int max) {
        int end = 0;
        int bytes = 0;
        while (end < text.length()) {
            int point = text.codePointAt(end);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > max) {
                break;
            }
            end += Character.charCount(point);
        }
        return text.substring(0, end);
    }

    private static String withoutTail(String name) {
        int end = name.length();
        while (end > 0 && (name.charAt(end - 1) == '.' || name.charAt(end - 1) == ' ')) {
            end--;
        }
        return name.substring(0, end);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// Control, bidirectional and other format characters; the two joiners, which scripts and emoji need, are
    /// none.
    public static boolean isUnseen(int point) {
        int type = Character.getType(point);
        return type == Character.CONTROL || (type == Character.FORMAT && point != 0x200c && point != 0x200d);
    }
}
