package dev.sluice.files;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.sluice.core.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a mapping file of two columns.
final class MappingCsv {
    private static final String SEPARATORS = ",;\t";
    private static final int LONGEST_FIRST_LINE = 2 * Mapping.MAX_LENGTH;
    private static final char QUOTE = '"';

    private final Mapping mapping;

    MappingCsv(Mapping mapping) {
        this.mapping = mapping;
    }

    void read(Reader text) throws IOException {
        var buffered = new BufferedReader(text, LONGEST_FIRST_LINE);
        char separator = separator(buffered);
        var row = new Row();
        try (CsvReader<Boolean> rows = CsvReader.builder()
                .fieldSeparator(separator)
                .quoteCharacter(QUOTE)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .maxBufferSize(Mapping.MAX_LENGTH)
                .build(row, buffered)) {
            boolean first = true;
            for (boolean ignored : rows) {
                if (!first || !row.isHeader()) {
                    mapping.add(row.pair());
                }
                first = false;
            }
        } catch (CsvParseException e) {
            if (e.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw mapping.wrong(
                    row.line,
                    row.column,
                    "the column that begins here cannot be read; " + e.getMessage()
                            + "; quotes stand around the whole column, and twice for one inside of it",
                    e);
        }
    }

    /// The separator that parts the first line in two: the only one that does, else the most frequent.
    private char separator(BufferedReader text) throws IOException {
        text.mark(LONGEST_FIRST_LINE);
        var counts = new int[SEPARATORS.length()];
        boolean quoted = false;
        boolean begun = false;
        long line = 1;
        for (int i = 0, c; i < LONGEST_FIRST_LINE - 1 && (c = text.read()) >= 0; i++) {
            boolean ends = c == '\n' || c == '\r';
            if (ends && begun && !quoted) {
                break;
            }
            line += c == '\n' && !begun ? 1 : 0;
            begun |= !ends;
            quoted ^= c == QUOTE;
            int which = quoted ? -1 : SEPARATORS.indexOf(c);
            if (which >= 0) {
                counts[which]++;
            }
        }
        text.reset();
        int best = 0;
        int parting = 0;
        for (int i = 0; i < counts.length; i++) {
            parting += counts[i] == 1 ? 1 : 0;
            boolean better = counts[i] == 1 ? counts[best] != 1 : counts[best] != 1 && counts[i] > counts[best];
            best = better ? i : best;
        }
        if (parting > 1) {
            throw mapping.wrong(
                    line, 1, "more than one of comma, semicolon and tab could part the columns; quote the columns");
        }
        return SEPARATORS.charAt(best);
    }

    /// The columns of a row as they come, with the places where they begin.
    private final class Row extends AbstractBaseCsvCallbackHandler<Boolean> {
        private final List<String> fields = new ArrayList<>(2);
        private final long[] lines = new long[3];
        private final long[] columns = new long[3];
        /// Where the next column begins.
        private long line;
        private long column;

        @Override
        protected void handleBegin(long startingLineNumber) {
            fields.clear();
            line = startingLineNumber;
            column = 1;
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            if (index < lines.length) {
                lines[index] = line;
                columns[index] = column;
            }
            if (index < 2) {
                fields.add(new String(buffer, offset, length));
            }
            pass(buffer, offset, length, quoted);
        }

        private void pass(char[] buffer, int offset, int length, boolean quoted) {
            column += quoted ? 2 : 0;
            for (int i = offset; i < offset + length; i++) {
                char c = buffer[i];
                if (quoted && (c == '\n' || c == '\r')) {
                    boolean second = c == '\n' && i > offset && buffer[i - 1] == '\r';
                    line += second ? 0 : 1;
                    // Behind the line's end the closing quote is still to come.
                    column = 2;
                } else {
                    column += quoted && c == QUOTE ? 2 : 1;
                }
            }
            // The separator.
            column++;
        }

        @Override
        protected @Nullable Boolean buildRecord() {
            return true;
        }

        boolean isHeader() {
            return getFieldCount() == 2
                    && fields.get(0).strip().equalsIgnoreCase("source")
                    && fields.get(1).strip().equalsIgnoreCase("target");
        }

        Mapping.Pair pair() {
            int count = getFieldCount();
            if (count != 2) {
                int where = count > 2 ? 2 : 0;
                throw mapping.wrong(
                        lines[where],
                        columns[where],
                        "a row has two columns, source and target, this one has " + count
                                + "; quote what has a separator in it");
            }
            for (int i = 0; i < 2; i++) {
                if (fields.get(i).isBlank()) {
                    throw mapping.wrong(lines[i], columns[i], (i == 0 ? "the source" : "the target") + " is empty");
                }
            }
            return new Mapping.Pair(fields.get(0), fields.get(1), lines[0], columns[0]);
        }
    }
}
