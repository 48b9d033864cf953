package dev.sluice.csv;

import dev.sluice.csv.DateScan.Shape;
import org.jspecify.annotations.Nullable;

/// Goes through all records of a table once: counts them, tallies their columns, and sees where its footer begins. Used
/// by one thread.
final class TableScan {
    /// A footer is no longer.
    private static final int TAIL = 64;
    private static final long FEW = 5000;

    private final int columns;
    private final char delimiter;
    private final ColumnTally[] tallies;
    private final DateScan date = new DateScan();
    private final Tail[] tail = new Tail[TAIL];

    private long records;
    private long uneven;
    private long firstUneven;
    private int unevenFields;
    private long swallowing;
    private long footer;
    private long evenFooter;
    private long footerLine;

    /// What is to be known of a record at the end, should it be the footer's.
    ///
    /// @param dates in which of the first 64 columns it has dates
    /// @param word whether its first field has a word in it, such as `Saldo`
    private record Tail(
            long line, boolean even, int fields, int filled, long dates, boolean word, boolean afterBlank) {}

    TableScan(int columns, char delimiter) {
        this.columns = columns;
        this.delimiter = delimiter;
        tallies = new ColumnTally[columns];
        var number = new NumberScan();
        for (int i = 0; i < columns; i++) {
            tallies[i] = new ColumnTally(date, number);
        }
    }

    /// @param most records that are looked at
    void run(Records source, boolean header, long most) {
        if (header) {
            source.next();
        }
        @Nullable CsvRow row = most == 0 ? null : source.next();
        while (row != null) {
            add(row);
            row = records == most ? null : source.next();
        }
        if (most == Long.MAX_VALUE) {
            findFooter();
        }
    }

    private void add(CsvRow row) {
        boolean even = isEven(row, columns);
        long dates = 0;
        int filled = 0;
        for (int i = 0; i < row.size(); i++) {
            int from = row.from(i);
            int to = row.to(i);
            filled += from < to ? 1 : 0;
            boolean isDate = even ? i < columns && tallies[i].add(row.chars(), from, to) : isDate(row, from, to);
            if (isDate && i < Long.SIZE) {
                dates |= 1L << i;
            }
        }
        boolean word = !row.blank(0) && !Digits.within(row.chars(), row.from(0), row.to(0));
        if (!even) {
            uneven++;
            if (firstUneven == 0) {
                firstUneven = row.line();
                unevenFields = row.size();
            }
        }
        if (row.lineBreaks() > 0 && swallowing == 0) {
            lookForSwallowed(row);
        }
        tail[(int) (records % TAIL)] = new Tail(row.line(), even, row.size(), filled, dates, word, row.afterBlank());
        records++;
    }

    private boolean isDate(CsvRow row, int from, int to) {
        return date.scan(row.chars(), from, to) != Shape.NONE;
    }

    /// Whether a record has a field for each column; what is beyond may be there if it is empty.
    static boolean isEven(CsvRow row, int columns) {
        for (int i = columns; i < row.size(); i++) {
            if (!row.blank(i)) {
                return false;
            }
        }
        return row.size() >= columns;
    }

    /// Where a field has line breaks, and as many delimiters as lines of the table would have, a quote is missing.
    private void lookForSwallowed(CsvRow row) {
        int delimiters = 0;
        for (int i = 0; i < row.size(); i++) {
            for (int at = row.from(i); at < row.to(i); at++) {
                delimiters += row.chars()[at] == delimiter ? 1 : 0;
            }
        }
        if (columns > 2 && delimiters >= (long) row.lineBreaks() * (columns - 1)) {
            swallowing = row.line();
        }
    }

    private void findFooter() {
        long dateColumns = 0;
        for (int i = 0; i < Math.min(columns, Long.SIZE); i++) {
            dateColumns |= tallies[i].mayHoldDates() ? 1L << i : 0;
        }
        int kept = (int) Math.min(records, TAIL);
        int found = 0;
        int lastEven = 0;
        long line = 0;
        while (found < kept) {
            Tail row = last(found);
            if (!isFooter(row, dateColumns, found)) {
                break;
            }
            lastEven += row.even ? 1 : 0;
            line = row.line;
            found++;
        }
        if (found < kept) {
            footer = found;
            evenFooter = lastEven;
            footerLine = line;
            uneven -= found - lastEven;
        }
    }

    private Tail last(int back) {
        return tail[(int) ((records - 1 - back) % TAIL)];
    }

    private boolean isFooter(Tail row, long dateColumns, int below) {
        boolean dated = (row.dates & dateColumns) != 0;
        if (dateColumns != 0) {
            boolean total = row.word && (dateColumns & 1) != 0;
            return !dated && (!row.even || total || 2 * row.filled <= columns);
        }
        return !row.even && (row.fields == 1 || row.afterBlank || (below > 0 && last(below - 1).afterBlank));
    }

    /// Whether what is the footer has been tallied, and in a table so small that it shows.
    boolean wantsAnother() {
        return evenFooter > 0 && records < FEW;
    }

    /// Takes over what the footer was, after a run that ended above it.
    void keepFooter(TableScan first) {
        footer = first.footer;
        footerLine = first.footerLine;
        records += footer;
        uneven = first.uneven;
        firstUneven = first.firstUneven;
    }

    ColumnTally[] tallies() {
        return tallies;
    }

    long records() {
        return records - footer;
    }

    long footer() {
        return footer;
    }

    long footerLine() {
        return footerLine;
    }

    long uneven() {
        return uneven;
    }

    long firstUneven() {
        return firstUneven;
    }

    int unevenFields() {
        return unevenFields;
    }

    /// The line of the first record that seems to hold others within a field; 0: there is none.
    long swallowing() {
        return swallowing;
    }
}
