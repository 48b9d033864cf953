package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a file is by its first bytes. A table that merely begins with the same letters (`MZ;Betrag`, `PK,Name`) is none
/// of these: where magic bytes are letters, what follows them in the format has to be there, too.
final class Opening {
    /// In which the sign of a PDF may stand: its readers look that far (PDF Reference 1.7, appendix H, note 13).
    private static final int PDF_REACH = 1024;
    private static final int DOS_HEADER = 64;
    private static final int TEXT_REACH = 4096;

    private static final String NOT_A_TABLE = ", not a CSV file; export the table as CSV and send that";

    private record Magic(String hex, Finding.Kind kind, String what) {
        boolean begins(byte[] start, int length) {
            byte[] magic = HexFormat.of().parseHex(hex);
            for (int i = 0; i < magic.length; i++) {
                if (i >= length || start[i] != magic[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final List<Magic> MAGIC = List.of(
            new Magic("7f454c46", Finding.Kind.EXECUTABLE, "a program (ELF)"),
            new Magic("feedface", Finding.Kind.EXECUTABLE, "a program (Mach-O)"),
            new Magic("feedfacf", Finding.Kind.EXECUTABLE, "a program (Mach-O)"),
            new Magic("cefaedfe", Finding.Kind.EXECUTABLE, "a program (Mach-O)"),
            new Magic("cffaedfe", Finding.Kind.EXECUTABLE, "a program (Mach-O)"),
            new Magic("cafebabe", Finding.Kind.EXECUTABLE, "a program (Mach-O or Java)"),
            new Magic("0061736d", Finding.Kind.EXECUTABLE, "a program (WebAssembly)"),
            new Magic("4c00000001140200", Finding.Kind.EXECUTABLE, "a Windows shortcut"),
            new Magic("504b0304", Finding.Kind.ARCHIVE, "a ZIP archive or an Office file (.xlsx, .ods)"),
            new Magic("504b0506", Finding.Kind.ARCHIVE, "an empty ZIP archive"),
            new Magic("504b0708", Finding.Kind.ARCHIVE, "a ZIP archive"),
            new Magic("1f8b", Finding.Kind.ARCHIVE, "compressed (gzip)"),
            new Magic("377abcaf271c", Finding.Kind.ARCHIVE, "a 7z archive"),
            new Magic("526172211a07", Finding.Kind.ARCHIVE, "a RAR archive"),
            new Magic("fd377a585a00", Finding.Kind.ARCHIVE, "compressed (xz)"),
            new Magic("28b52ffd", Finding.Kind.ARCHIVE, "compressed (zstd)"),
            new Magic("4d53434600000000", Finding.Kind.ARCHIVE, "a cabinet archive"),
            new Magic("d0cf11e0a1b11ae1", Finding.Kind.DOCUMENT, "an old Office file (.xls, .doc)"),
            new Magic("89504e470d0a1a0a", Finding.Kind.MEDIA, "an image (PNG)"),
            new Magic("ffd8ff", Finding.Kind.MEDIA, "an image (JPEG)"),
            new Magic("53514c69746520666f726d6174203300", Finding.Kind.DATABASE, "a database (SQLite)"));

    private record Form(Pattern pattern, Finding.Kind kind, String what) {}

    /// Of the bytes as ISO 8859-1.
    private static final List<Form> FORMS = List.of(
            form(
                    "RIFF(?:....(?:WAVE|AVI |WEBP|ACON|RMID)|.{0,3}\\x00)",
                    Finding.Kind.MEDIA,
                    "a sound or a film (RIFF)"),
            form("GIF8[79]a", Finding.Kind.MEDIA, "an image (GIF)"),
            form("BZh[1-9]1AY&SY", Finding.Kind.ARCHIVE, "compressed (bzip2)"),
            form(".{0," + PDF_REACH + "}?%PDF-[0-9]\\.[0-9]", Finding.Kind.DOCUMENT, "a PDF document"));

    /// Of the text's view as ISO 8859-1, behind the byte order mark.
    private static final List<Form> TEXTS = List.of(
            form("#![ \\t]*/", Finding.Kind.SCRIPT, "a script"),
            form("(?i)\\s*@echo +off\\b", Finding.Kind.SCRIPT, "a script"),
            form("\\{\\\\rtf[0-9]", Finding.Kind.DOCUMENT, "an RTF document"),
            form("%!PS-Adobe", Finding.Kind.DOCUMENT, "a PostScript document"),
            form("(?i)\\s*<\\?xml\\s", Finding.Kind.PAGE, "an XML document"),
            form("(?i)\\s*<(?:!doctype\\s+html|html|head|body|script)[\\s>/]", Finding.Kind.PAGE, "a web page"));

    private Opening() {}

    private static Form form(String regex, Finding.Kind kind, String what) {
        return new Form(Pattern.compile(regex, Pattern.DOTALL), kind, what);
    }

    /// What it is by its bytes.
    static Optional<Finding> of(byte[] start, int length) {
        if (isDosProgram(start, length)) {
            return Optional.of(finding(Finding.Kind.EXECUTABLE, "a program (Windows or DOS)"));
        }
        Optional<Finding> magic = MAGIC.stream()
                .filter(one -> one.begins(start, length))
                .findFirst()
                .map(one -> finding(one.kind(), one.what()));
        return magic.or(() ->
                match(FORMS, new String(start, 0, Math.min(length, PDF_REACH + "%PDF-1.4".length()), ISO_8859_1)));
    }

    /// A header of 64 bytes of which many are zero; a table that begins with `MZ` has none.
    private static boolean isDosProgram(byte[] start, int length) {
        if (length < 3 || start[0] != 'M' || start[1] != 'Z') {
            return false;
        }
        for (int i = 2; i < Math.min(length, DOS_HEADER); i++) {
            if (start[i] == 0) {
                return true;
            }
        }
        return false;
    }

    /// What it is by its first characters.
    static Optional<Finding> ofText(byte[] view, int length, Units units) {
        var text = new String(view, 0, Math.min(length, TEXT_REACH), ISO_8859_1);
        String mark = units == Units.BYTES ? "\u00ef\u00bb\u00bf" : "\u00ff";
        return match(TEXTS, text.startsWith(mark) ? text.substring(mark.length()) : text);
    }

    private static Optional<Finding> match(List<Form> forms, String text) {
        return forms.stream()
                .filter(one -> one.pattern().matcher(text).lookingAt())
                .findFirst()
                .map(one -> finding(one.kind(), one.what()));
    }

    private static Finding finding(Finding.Kind kind, String what) {
        return new Finding(kind, "the file is " + what + NOT_A_TABLE, 0, 1);
    }
}
