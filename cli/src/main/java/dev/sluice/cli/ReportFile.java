package dev.sluice.cli;

import dev.sluice.core.ErrorCode;
import dev.sluice.files.Report;
import dev.sluice.wire.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// A file that takes a report: JSON, or CSV after RFC 4180 with a row for each file.
///
/// @param csv else JSON
record ReportFile(Path path, boolean csv) {
    private static final String HEAD = "source,target,state,bytes,millis,rate,hash,code,error";

    /// @throws Failure where its name says neither, or its folder is missing
    static ReportFile at(Path path) {
        var name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        if (!name.endsWith(".csv") && !name.endsWith(".json")) {
            throw Failure.usage("--report wants a file that ends in .json or .csv, not " + path);
        }
        var folder = path.getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw Failure.usage("--report: there is no folder " + folder);
        }
        return new ReportFile(path, name.endsWith(".csv"));
    }

    /// @throws Failure where it cannot be written
    void write(Report report) {
        try (BufferedWriter out = Files.newBufferedWriter(path)) {
            if (csv) {
                csv(report, out);
            } else {
                out.write(Json.text(report));
                out.write('\n');
            }
        } catch (IOException e) {
            throw new Failure(
                    Exit.FAILED, ErrorCode.INTERNAL, "the report " + path + " cannot be written: " + Failure.why(e), e);
        }
    }

    static void csv(Report report, Writer out) throws IOException {
        out.write(HEAD + "\r\n");
        for (var line : report.files()) {
            out.write(row(
                    line.source(),
                    line.target(),
                    line.state(),
                    line.bytes(),
                    line.millis(),
                    line.rate(),
                    line.hash(),
                    line.code(),
                    line.error()));
        }
    }

    private static String row(@Nullable Object... columns) {
        var row = new StringJoiner(",", "", "\r\n");
        for (Object column : columns) {
            row.add(column == null ? "" : quoted(column.toString()));
        }
        return row.toString();
    }

    private static String quoted(String text) {
        return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n')
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }
}
