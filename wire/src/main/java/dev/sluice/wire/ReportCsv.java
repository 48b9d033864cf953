package dev.sluice.wire;

import dev.sluice.files.Report;
import org.jspecify.annotations.Nullable;

/// The files of an operation's report as CSV (RFC 4180, UTF-8), with a line of names above them.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula. Paths are absolute and begin with
/// `/`: they stand as they are. Messages are for people only; where one begins so, a `'` is put before it. All texts
/// are quoted, so that a separator in one ends no cell.
public final class ReportCsv {
    public static final String MEDIA_TYPE = "text/csv; charset=utf-8; header=present";

    private static final String HEAD = "source,target,state,bytes,millis,rate,hash,code,error\r\n";
    private static final String FORMULA = "=+-@\t\r";

    private ReportCsv() {}

    public static String text(Report report) {
        var text = new StringBuilder(HEAD.length() + 200 * report.files().size()).append(HEAD);
        for (Report.Line line : report.files()) {
            quoted(text, line.source());
            quoted(text.append(','), line.target());
            quoted(text.append(','), line.state());
            number(text.append(','), line.bytes());
            number(text.append(','), line.millis());
            number(text.append(','), line.rate());
            quoted(text.append(','), line.hash());
            quoted(text.append(','), line.code());
            quoted(text.append(','), harmless(line.error()));
            text.append("\r\n");
        }
        return text.toString();
    }

    private static void quoted(StringBuilder text, @Nullable String cell) {
        if (cell != null) {
            text.append('"').append(cell.replace("\"", "\"\"")).append('"');
        }
    }

    private static void number(StringBuilder text, @Nullable Long cell) {
        if (cell != null) {
            text.append(cell.longValue());
        }
    }

    private static @Nullable String harmless(@Nullable String message) {
        return message != null && !message.isEmpty() && FORMULA.indexOf(message.charAt(0)) >= 0
                ? "'" + message
                : message;
    }
}
