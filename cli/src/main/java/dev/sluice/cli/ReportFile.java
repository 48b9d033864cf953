package dev.sluice.cli;

import dev.sluice.core.ErrorCode;
import dev.sluice.files.Report;
import dev.sluice.wire.Json;
import dev.sluice.wire.ReportCsv;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// A file that takes a report: JSON, or CSV after RFC 4180 with a row for each file.
///
/// @param csv else JSON
record ReportFile(Path path, boolean csv) {
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
            out.write(csv ? ReportCsv.text(report) : Json.text(report) + "\n");
        } catch (IOException e) {
            throw new Failure(
                    Exit.FAILED, ErrorCode.INTERNAL, "the report " + path + " cannot be written: " + Failure.why(e), e);
        }
    }
}
