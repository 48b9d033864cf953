package dev.sluice.wire;

import dev.sluice.imports.Reject;
import java.util.List;

/// The records of an import that were rejected, as CSV, with a line of names above them.
public final class RejectsCsv {
    public static final String MEDIA_TYPE = CsvLine.MEDIA_TYPE;

    private static final String HEAD = "line,offset,column,code,message,raw\r\n";

    private RejectsCsv() {}

    public static String text(List<Reject> rejects) {
        var text = new StringBuilder(HEAD);
        var line = new CsvLine();
        for (Reject reject : rejects) {
            text.append(line.plain(reject.line())
                    .plain(reject.offset())
                    .text(reject.column())
                    .plain(reject.code())
                    .text(reject.message())
                    .text(reject.raw())
                    .end());
        }
        return text.toString();
    }
}
