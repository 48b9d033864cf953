package dev.sluice.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/// Which names files have in a storage's folder: the objects' own, and the hidden ones of what is on its way.
public final class FileNames {
    /// The bytes of an object that is not complete, or not yet discarded.
    static final String PART = ".sluice-part";
    /// A second name of a complete object, about to replace another.
    static final String NEW = ".sluice-new";
    /// Where an object went whose file system has no hard links: a [Mark].
    static final String DONE = ".sluice-done";

    private static final List<String> HIDDEN = List.of(PART, NEW, DONE);
    private static final int LONGEST = 255;
    private static final int LONGEST_EXTENSION = 32;
    private static final int PLAIN_NUMBERS = 9;

    private FileNames() {}

    /// @throws ProblemException `internal` where `id` could lead out of the folder
    static String hidden(String id, String suffix) {
        if (!Ids.isIdentifier(id)) {
            throw new ProblemException(
                    ErrorCode.INTERNAL, "not the id of an upload: 1 to 64 characters of A-Z a-z 0-9 . _ - are");
        }
        return "." + id + suffix;
    }

    /// @throws ProblemException `internal` where `name` is not one plain name, or one of the hidden ones
    static String requireObject(String name) {
        requirePlain(name);
        if (isHidden(name)) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the name of an object: " + quoted(name));
        }
        return name;
    }

    public static String requirePlain(String name) {
        boolean plain = !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.codePoints().noneMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))
                && bytes(name) <= LONGEST;
        if (!plain) {
            throw new ProblemException(
                    ErrorCode.INTERNAL,
                    "not a plain file name: " + quoted(name)
                            + "; separators, control characters and more than 255 bytes must be gone before it gets here");
        }
        return name;
    }

    /// The n-th name to try for an object, from 1: `a.txt`, `a (2).txt` … `a (9).txt`, `a (1f0c77e2).txt` and
    /// so on.
    public static String candidate(ObjectSpec spec, int n) {
        String name = requirePlain(spec.name());
        String visible = isHidden(name) ? "_" + name : name;
        int dot = visible.lastIndexOf('.');
        boolean extended = dot > 0 && bytes(visible.substring(dot)) <= LONGEST_EXTENSION;
        String stem = extended ? visible.substring(0, dot) : visible;
        String extension = extended ? visible.substring(dot) : "";
        String end = mark(spec.id(), n) + extension;
        return shortened(stem, LONGEST - bytes(end)) + end;
    }

    private static String mark(String id, int n) {
        if (n == 1) {
            return "";
        }
        if (n <= PLAIN_NUMBERS) {
            return " (" + n + ")";
        }
        var digits = new CRC32C();
        digits.update((id + "/" + n).getBytes(UTF_8));
        return " (" + HexFormat.of().toHexDigits((int) digits.getValue()) + ")";
    }

    /// As many whole code points from the start as fit.
    private static String shortened(String text, int longest) {
        String kept = text;
        while (bytes(kept) > longest) {
            kept = kept.substring(0, kept.offsetByCodePoints(kept.length(), -1));
        }
        return kept;
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") && HIDDEN.stream().anyMatch(name::endsWith);
    }

    private static int bytes(String name) {
        return name.getBytes(UTF_8).length;
    }

    private static String quoted(String name) {
        String shown = name.length() > 80 ? name.substring(0, 80) + "…" : name;
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
