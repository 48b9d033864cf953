package dev.sluice.csv;

import dev.sluice.csv.Candidate.Sampled;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where among the first records of a file its table begins.
///
/// @param line of the header or, where there is none, of the first record
/// @param columns how many fields the records have
/// @param header whether the first record names the columns
/// @param assumed whether nothing shows that it does
record TableStart(long line, int columns, boolean header, boolean assumed) {
    private static final int LONGEST_NAME = 60;

    static TableStart of(Candidate table, @Nullable Boolean told, boolean fixed, Predicate<String> known) {
        List<Sampled> first = table.first();
        int columns = table.columns();
        int start = fixed ? 0 : start(first, columns, known);
        Sampled head = first.get(start);
        long line = head.line();
        if (told != null) {
            return new TableStart(line, columns, told, false);
        }
        List<Sampled> body = first.subList(start + 1, first.size());
        if (head.typed() > 0 || head.filled() == 0) {
            return new TableStart(line, columns, false, false);
        }
        boolean words = words(head, known) > 0;
        if (words || typedBelow(body, columns)) {
            return new TableStart(line, columns, true, false);
        }
        return new TableStart(line, columns, names(head, body), true);
    }

    private static int start(List<Sampled> first, int columns, Predicate<String> known) {
        int start = 0;
        while (start < first.size() - 1 && first.get(start).fields().size() != columns) {
            start++;
        }
        if (start > 0) {
            Sampled above = first.get(start - 1);
            boolean near = Math.abs(above.fields().size() - columns) == 1;
            if (near && above.typed() == 0 && 2 * words(above, known) >= above.filled() && above.filled() > 1) {
                return start - 1;
            }
        }
        return padded(first, start, columns, known);
    }

    /// Passes over lines that have as many fields as the table, but hardly anything in them, where a header follows.
    private static int padded(List<Sampled> first, int start, int columns, Predicate<String> known) {
        if (2 * first.get(start).filled() > columns || words(first.get(start), known) > 1) {
            return start;
        }
        for (int i = start + 1; i < first.size(); i++) {
            Sampled row = first.get(i);
            boolean full = 5 * row.filled() >= 4 * columns;
            if (row.fields().size() == columns && full && row.typed() == 0) {
                return i;
            }
        }
        return start;
    }

    private static int words(Sampled row, Predicate<String> known) {
        return (int) row.fields().stream()
                .filter(field -> !field.isEmpty() && known.test(field))
                .count();
    }

    /// Whether some column has dates or numbers in most of what is below.
    private static boolean typedBelow(List<Sampled> body, int columns) {
        var date = new DateScan();
        var number = new NumberScan();
        for (int column = 0; column < columns; column++) {
            int filled = 0;
            int typed = 0;
            for (Sampled row : body) {
                if (row.fields().size() == columns && !row.fields().get(column).isEmpty()) {
                    char[] text = row.fields().get(column).toCharArray();
                    filled++;
                    boolean is =
                            date.scan(text, 0, text.length) != DateScan.Shape.NONE || number.scan(text, 0, text.length);
                    typed += is ? 1 : 0;
                }
            }
            if (filled > 0 && 2 * typed > filled) {
                return true;
            }
        }
        return false;
    }

    /// Whether the texts of a record are short, all different, and no value below.
    private static boolean names(Sampled head, List<Sampled> body) {
        var names = new HashSet<String>();
        for (String field : head.fields()) {
            if (field.isEmpty() || field.length() > LONGEST_NAME || !names.add(field)) {
                return false;
            }
        }
        return body.stream().flatMap(row -> row.fields().stream()).noneMatch(names::contains);
    }
}
