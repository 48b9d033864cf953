package dev.sluice.csv;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the beginning of a file is in one dialect, and how well that fits.
///
/// @param first the first records
/// @param columns how many fields the table has
/// @param score from 0 to 1
/// @param even whether enough records have that many, so that it is a table
/// @param wrong whether quotes stand where in this dialect none may, or one is not closed
record Candidate(Dialect dialect, List<Sampled> first, int columns, double score, boolean even, boolean wrong) {
    private static final int KEPT = 64;
    /// In one another's favour where both would do.
    private static final double QUOTES_USED = 1.02;
    private static final double APOSTROPHES_UNUSED = 0.97;
    private static final double QUOTES_WRONG = 0.8;
    /// Of all fields, in records of one size.
    private static final double ENOUGH = 0.4;
    /// Of what is filled, as dates and numbers: so many are in no prose.
    private static final double ENOUGH_TYPED = 0.05;

    /// One record.
    ///
    /// @param typed fields that are dates or numbers
    record Sampled(long line, List<String> fields, int filled, int typed) {}

    private static final class Count {
        private final DateScan date = new DateScan();
        private final NumberScan number = new NumberScan();
        private final Map<Integer, Integer> sizes = new HashMap<>();
        private final List<Sampled> first = new ArrayList<>();
        private long fields;
        private long filled;
        private long typed;

        void add(CsvRow row) {
            int filledHere = 0;
            int typedHere = 0;
            for (int i = 0; i < row.size(); i++) {
                int from = row.from(i);
                int to = row.to(i);
                if (from < to) {
                    filledHere++;
                    boolean isTyped = date.scan(row.chars(), from, to) != DateScan.Shape.NONE
                            || number.scan(row.chars(), from, to);
                    typedHere += isTyped ? 1 : 0;
                }
            }
            sizes.merge(row.size(), 1, Integer::sum);
            fields += row.size();
            filled += filledHere;
            typed += typedHere;
            if (first.size() < KEPT) {
                first.add(new Sampled(row.line(), texts(row), filledHere, typedHere));
            }
        }

        private static List<String> texts(CsvRow row) {
            var texts = new ArrayList<String>(row.size());
            for (int i = 0; i < row.size(); i++) {
                texts.add(row.text(i));
            }
            return texts;
        }

        /// The size whose records hold the most fields.
        int columns() {
            int best = 1;
            long most = 0;
            for (var size : sizes.entrySet()) {
                long covered = (long) size.getKey() * size.getValue();
                if (size.getKey() > 1 && covered > most) {
                    most = covered;
                    best = size.getKey();
                }
            }
            return best;
        }

        /// Not in prose, where fields are what stands between its commas.
        boolean even(int columns) {
            int records = sizes.getOrDefault(columns, 0);
            boolean alone = records < 2
                    && sizes.values().stream().mapToInt(count -> count).sum() > 1;
            boolean few = columns * records < ENOUGH * fields && typed < ENOUGH_TYPED * filled;
            return columns > 1 && !alone && !few;
        }

        double score(int columns) {
            if (columns < 2 || filled == 0) {
                return 0;
            }
            double even = (double) columns * sizes.getOrDefault(columns, 0) / fields;
            double known = (double) typed / filled;
            return even * (0.5 + 0.5 * known) * (1 - 1.0 / (columns + 1));
        }
    }

    /// @param whole whether the text is all that there is, so that a record at its end is whole
    static Candidate of(String text, long linesBefore, boolean whole, Dialect dialect) {
        try {
            return count(text, linesBefore, whole, dialect);
        } catch (Records.TextAfterQuote e) {
            Candidate wrong = count(text, linesBefore, whole, dialect.lenient(true));
            return new Candidate(dialect, wrong.first, wrong.columns, wrong.score * QUOTES_WRONG, wrong.even, true);
        }
    }

    private static Candidate count(String text, long linesBefore, boolean whole, Dialect dialect) {
        var count = new Count();
        boolean endless = false;
        long quoted;
        try (var records = new Records(new StringReader(text), dialect, linesBefore, false)) {
            @Nullable CsvRow row = records.next();
            while (row != null) {
                count.add(row);
                row = records.next();
            }
            quoted = records.quoted();
        } catch (Records.Endless e) {
            endless = whole;
            quoted = 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int columns = count.columns();
        double score = count.score(columns);
        if (endless) {
            score *= QUOTES_WRONG;
        } else if (quoted > 1) {
            score *= QUOTES_USED;
        } else if (dialect.quote() == '\'') {
            score *= APOSTROPHES_UNUSED;
        }
        return new Candidate(dialect, List.copyOf(count.first), columns, score, count.even(columns), endless);
    }
}
