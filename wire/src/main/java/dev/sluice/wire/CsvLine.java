package dev.sluice.wire;

import org.jspecify.annotations.Nullable;

/// One line of a CSV (RFC 4180) for people with spreadsheets, cell by cell. Not safe for use by many threads.
///
/// A spreadsheet takes a text that begins with `=`, `+`, `-`, `@`, a tab or a NUL for a formula (CWE-1236): such a one
/// gets a `'` before it (OWASP ASVS 1.2.10). A negative number is none. All texts are quoted, so that no separator in
/// one ends its cell.
final class CsvLine {
    static final String MEDIA_TYPE = "text/csv; charset=utf-8; header=present";

    /// As a keyboard writes them, and as wide as letters of East Asia.
    private static final String FORMULA = "=+-@\t\r\n\0＝＋－＠";

    private final StringBuilder line = new StringBuilder(200);
    private boolean begun;

    CsvLine text(@Nullable String cell) {
        separate();
        if (cell != null) {
            line.append('"').append(harmless(cell).replace("\"", "\"\"")).append('"');
        }
        return this;
    }

    /// A number, or a word that nobody could have chosen, as it stands.
    CsvLine plain(@Nullable Object cell) {
        separate();
        if (cell != null) {
            line.append(cell);
        }
        return this;
    }

    private void separate() {
        if (begun) {
            line.append(',');
        }
        begun = true;
    }

    /// The line with its end; what follows is the next one.
    String end() {
        String done = line.append("\r\n").toString();
        line.setLength(0);
        begun = false;
        return done;
    }

    static String harmless(String text) {
        return !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 && !isNegativeNumber(text) ? "'" + text : text;
    }

    /// `-42`, `-42.00`, `-1.234,56`
    private static boolean isNegativeNumber(String text) {
        return text.matches("-[0-9]+([.,][0-9]+)*");
    }
}
