package dev.sluice.csv;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/// The records within some text, those left out that hold nothing but spaces, each in the same [CsvRow]. Used by one
/// thread.
final class Records implements AutoCloseable {
    /// In characters: a quote that is not closed within so many swallows no more than that.
    private static final int LONGEST_READ = 2 * CsvRow.LONGEST_FIELD;

    private final Handler handler;
    private final CsvReader<CsvRow> reader;
    private final CloseableIterator<CsvRow> rows;

    /// Something stands behind a closing quote.
    static final class TextAfterQuote extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final long line;

        TextAfterQuote(long line, Throwable cause) {
            super("text after a closing quote in line " + line, cause);
            this.line = line;
        }
    }

    /// A field does not end.
    static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// In which it begins.
        final long line;

        Endless(long line, Throwable cause) {
            super("a field without end begins in line " + line, cause);
            this.line = line;
        }
    }

    /// @param linesBefore how many lines stand above this text
    /// @param bounded whether what is longer or wider than may be is refused
    @SuppressWarnings("removal") // what is to take its place does not read `"a" b`
    Records(Reader text, Dialect dialect, long linesBefore, boolean bounded) {
        handler = new Handler(linesBefore, bounded);
        boolean backslash = dialect.escape() == Dialect.Escape.BACKSLASH;
        reader = CsvReader.builder()
                .fieldSeparator(dialect.delimiter())
                .quoteCharacter(dialect.quote())
                .skipEmptyLines(true)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .allowExtraCharsAfterClosingQuote(dialect.lenient())
                .allowUnclosedQuote(false)
                .detectBomHeader(false)
                .maxBufferSize(LONGEST_READ)
                .build(handler, backslash ? new BackslashText(text, dialect.quote()) : text);
        rows = reader.iterator();
    }

    /// Copies each field out of the parser's buffer.
    private static final class Handler extends AbstractBaseCsvCallbackHandler<CsvRow> {
        private final CsvRow row = new CsvRow();
        private final long linesBefore;
        private final boolean bounded;
        private boolean blank;
        private long quoted;

        Handler(long linesBefore, boolean bounded) {
            this.linesBefore = linesBefore;
            this.bounded = bounded;
        }

        @Override
        protected void handleBegin(long line) {
            row.begin(linesBefore + line);
            row.afterBlank(blank);
            blank = false;
        }

        @Override
        protected void handleEmpty() {
            blank = true;
        }

        @Override
        protected void handleField(int field, char[] text, int offset, int length, boolean isQuoted) {
            int breaks = 0;
            if (isQuoted) {
                quoted++;
                breaks = breaks(text, offset, offset + length);
            }
            if (bounded && (length > CsvRow.LONGEST_FIELD || field == CsvRow.MOST_FIELDS)) {
                throw refused(field, length, breaks);
            }
            row.addBreaks(breaks);
            row.add(text, offset, length);
            if (bounded && row.length() > CsvRow.LONGEST) {
                throw Malformed.because(
                        "record_too_long",
                        row.line(),
                        "the record that begins in line " + row.line() + " has more than 1,048,576 characters");
            }
        }

        private RuntimeException refused(int field, int length, int breaks) {
            long line = row.line() + row.lineBreaks();
            if (field == CsvRow.MOST_FIELDS) {
                return Malformed.because(
                        "too_many_columns", line, "line " + line + " has more than 256 columns, which is the most");
            }
            return breaks > 1
                    ? Malformed.unclosed(line, null)
                    : Malformed.because(
                            "field_too_long",
                            line,
                            "field " + (field + 1) + " in line " + line + " has " + length
                                    + " characters; 65,536 is the most");
        }

        static int breaks(char[] text, int from, int to) {
            int breaks = 0;
            for (int i = from; i < to; i++) {
                char c = text[i];
                if (c <= '\r' && (c == '\n' || (c == '\r' && (i + 1 == to || text[i + 1] != '\n')))) {
                    breaks++;
                }
            }
            return breaks;
        }

        @Override
        protected CsvRow buildRecord() {
            return row;
        }
    }

    /// The next one; null: there is none.
    ///
    /// @throws TextAfterQuote where the dialect is not lenient
    /// @throws Endless where a quote is not closed, or a field far too long
    @Nullable
    CsvRow next() {
        try {
            while (rows.hasNext()) {
                CsvRow row = rows.next();
                if (!row.blank()) {
                    return row;
                }
                handler.blank = true;
            }
            return null;
        } catch (CsvParseException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            long line = handler.row.line() + handler.row.lineBreaks();
            if (String.valueOf(e.getMessage()).startsWith("Unexpected character")) {
                throw new TextAfterQuote(line, e);
            }
            throw new Endless(line, e);
        }
    }

    /// How many fields stood in quotes so far.
    long quoted() {
        return handler.quoted;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
