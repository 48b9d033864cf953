package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// `docs/benchmarks.md`: a section for each row, which a run of that row replaces.
final class BenchmarksPage {
    private static final String HEAD = """
            # Benchmarks

            Each section is written by the command that stands in it; nobody edits it by hand. Where a target is missed,
            it says by how much. In a cell with parentheses: median (least–most). A ratio is ours divided by theirs, the
            median over the pairs. CPU seconds are user and system time of a process with its children.

            `bench/run --list` names all rows, `bench/run --all` runs them one after the other.
            """;

    private final Path path;

    BenchmarksPage(Path path) {
        this.path = path;
    }

    /// A row's section.
    static String section(Row row, Row.Result result) {
        var lines = new ArrayList<String>();
        lines.add(begin(row.name()));
        lines.add("## " + row.title());
        lines.add("");
        lines.add("| figure | Sluice | beside | ratio | target | |");
        lines.add("|---|---|---|---|---|---|");
        result.figures().forEach(figure -> lines.add(figure.line()));
        lines.add("");
        result.settings().forEach(setting -> lines.add("- " + setting));
        var versions = new ArrayList<>(List.of("Java " + Runtime.version()));
        versions.addAll(result.versions());
        lines.add("- " + Machine.describe() + "; " + String.join(", ", versions));
        lines.add("- `bench/run " + row.name() + "`, " + LocalDate.now(ZoneOffset.UTC));
        lines.add(end(row.name()));
        return String.join("\n", lines) + "\n";
    }

    /// Puts a section in the place of its predecessor, or where the order of the rows has it.
    void put(Row row, String section, List<Row> order) {
        try {
            String page = Files.exists(path) ? Files.readString(path) : HEAD;
            var sections = new ArrayList<String>();
            for (Row each : order) {
                int from = page.indexOf(begin(each.name()));
                int to = page.indexOf(end(each.name()));
                if (each.name().equals(row.name())) {
                    sections.add(section);
                } else if (from >= 0 && to > from) {
                    sections.add(page.substring(from, to) + end(each.name()) + "\n");
                }
            }
            Files.writeString(path, HEAD + "\n" + String.join("\n", sections));
        } catch (IOException e) {
            throw new BenchException("cannot write " + path, e);
        }
    }

    private static String begin(String name) {
        return "<!-- row " + name + " -->";
    }

    private static String end(String name) {
        return "<!-- end of " + name + " -->";
    }
}
