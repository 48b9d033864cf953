package dev.sluice.imports;

import dev.sluice.core.StopToken;
import dev.sluice.csv.Overrides;
import dev.sluice.csv.Survey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A bank's file, written for a test.
record Bank(Path file, Survey survey) {
    static Bank file(Path folder, String text) {
        return file(folder, text, StandardCharsets.UTF_8, Overrides.NONE);
    }

    static Bank file(Path folder, String text, Charset charset, Overrides overrides) {
        try {
            Path file = Files.write(folder.resolve("bank.csv"), text.getBytes(charset));
            return new Bank(
                    file, HeaderWords.standard().surveyor().survey(file, overrides, new StopToken(), read -> {}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Mapping mapping() {
        return Mapping.propose(survey);
    }

    /// Reads it as an import would.
    void check() {
        new BankReading(survey, mapping(), new Whose("local", "main", "EUR")).check();
    }

    Map<String, Role> roles() {
        return mapping().byName();
    }

    List<ImportedRow> rows() {
        return rows(mapping());
    }

    List<ImportedRow> rows(Mapping mapping) {
        var all = new ArrayList<ImportedRow>();
        try (var rows = ImportedRows.open(file, survey, new Bookkeeping(mapping, null), new StopToken(), read -> {})) {
            for (ImportedRow row = rows.next(); row != null; row = rows.next()) {
                all.add(row);
            }
        }
        return all;
    }

    BookedRow booked(int index) {
        return (BookedRow) rows().get(index);
    }

    Reject rejected(int index) {
        return (Reject) rows().get(index);
    }
}
