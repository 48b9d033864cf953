package dev.sluice.csv;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Files written for tests, surveyed and read.
final class Surveyed {
    static final Charset WINDOWS = Charset.forName("windows-1252");
    private static final Set<String> WORDS =
            Set.of("date", "datum", "betrag", "amount", "description", "opis", "kwota");

    private Surveyed() {}

    static Path file(Path folder, String text, Charset charset) {
        return file(folder, text.getBytes(charset));
    }

    static Path file(Path folder, byte[] bytes) {
        try {
            return Files.write(folder.resolve("bank.csv"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path file(Path folder, String text) {
        return file(folder, text, StandardCharsets.UTF_8);
    }

    static Survey survey(Path file, Overrides overrides) {
        return new Surveyor(word -> WORDS.contains(word.toLowerCase(java.util.Locale.ROOT)))
                .survey(file, overrides, new StopToken(), read -> {});
    }

    static Survey survey(Path file) {
        return survey(file, Overrides.NONE);
    }

    static List<List<String>> rows(Path file, Survey survey) {
        var rows = new ArrayList<List<String>>();
        try (var reader = CsvReader.open(file, survey, new StopToken(), read -> {})) {
            for (CsvRow row = reader.next(); row != null; row = reader.next()) {
                var fields = new ArrayList<String>();
                for (int i = 0; i < row.size(); i++) {
                    fields.add(row.field(i));
                }
                rows.add(fields);
            }
        }
        return rows;
    }

    static List<String> names(Survey survey) {
        return survey.columns().stream().map(Column::name).toList();
    }

    static List<String> codes(Survey survey) {
        return survey.warnings().stream().map(Warning::code).toList();
    }
}
