package dev.sluice.wire;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.Reject;
import dev.sluice.imports.Rejects;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

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

    /// The records as they stand in their file, below what stands above them there: put right, they can be imported.
    ///
    /// @param of files with the same columns
    /// @throws ProblemException `invalid_request` where they have others; `gone` where what stands above was not kept
    public static String rows(List<Rejects> of) {
        String head = of.getFirst().head();
        if (of.stream().anyMatch(rejects -> !Objects.equals(rejects.head(), head))) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "these files do not have the same columns: ask for one import at a time");
        }
        if (head == null) {
            throw new ProblemException(
                    ErrorCode.GONE, "the header of that file was not kept; put the file itself right and import it");
        }
        return of.stream()
                .flatMap(rejects -> rejects.rows().stream())
                .map(reject -> reject.raw() + "\n")
                .collect(Collectors.joining("", head, ""));
    }
}
