package dev.sluice.csv;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts together what has been found, and says what a person should know of it.
///
/// @param warnings those so far; more are added
record Report(
        Head head,
        Dialects dialects,
        TableStart start,
        Dialect dialect,
        Encoding encoding,
        TableScan scan,
        List<String> names,
        Overrides overrides,
        List<Warning> warnings) {
    private static final double DOUBTFUL = 0.6;

    Survey survey(long offset) {
        double confidence = overrides.delimiter() == null ? dialects.confidence() : 1;
        if (confidence < DOUBTFUL && confidence > 0) {
            warn(
                    "dialect_doubtful",
                    0,
                    "fields may be kept apart by another sign than " + Dialect.named(dialect.delimiter()));
        }
        if (start.line() > 1 && overrides.skipLines() == null) {
            warn("preamble", 1, "the table begins in line " + start.line() + "; what stands above is left out");
        }
        if (start.assumed()) {
            warn(
                    "header_assumed",
                    start.line(),
                    start.header()
                            ? "line " + start.line() + " is taken for the names of the columns"
                            : "no line seems to name the columns");
        }
        rows();
        return new Survey(
                head.size(),
                encoding,
                dialect,
                start.line(),
                offset,
                start.header(),
                columns(),
                scan.records(),
                scan.footer(),
                scan.uneven(),
                confidence,
                dialects.others(),
                warnings);
    }

    private void rows() {
        if (scan.footer() > 0) {
            warn(
                    "footer",
                    scan.footerLine(),
                    scan.footer() + " rows from line " + scan.footerLine()
                            + " on are no part of the table and are left out");
        }
        if (scan.uneven() > 0) {
            warn(
                    "uneven_rows",
                    scan.firstUneven(),
                    scan.uneven() + " rows have another number of fields than the "
                            + start.columns() + " columns; the first is line " + scan.firstUneven() + " with "
                            + scan.unevenFields());
        }
        if (scan.swallowing() > 0) {
            warn(
                    "swallowed_rows",
                    scan.swallowing(),
                    "a field in line " + scan.swallowing() + " seems to hold whole rows: a quote may be missing there");
        }
    }

    private List<Column> columns() {
        var columns = new ArrayList<Column>();
        ColumnTally[] tallies = scan.tallies();
        for (int i = 0; i < tallies.length; i++) {
            columns.add(tallies[i].column(i, names.get(i)));
        }
        columns.replaceAll(column -> decided(column, columns));
        for (Column column : columns) {
            long against = tallies[column.index()].contradictions();
            if (column.ambiguousDates()) {
                warn(
                        "ambiguous_date_format",
                        0,
                        "whether the dates in '" + column.name()
                                + "' name the day or the month first cannot be told; say which");
            }
            if (column.ambiguousDecimals()) {
                warn(
                        "ambiguous_decimal_mark",
                        0,
                        "whether numbers in '" + column.name()
                                + "' such as 1.234 are above a thousand cannot be told; say which mark stands before decimals");
            }
            if (against > 0) {
                warn(
                        "mixed_formats",
                        0,
                        against + " fields in '" + column.name() + "' are written in another way than the others");
            }
        }
        return columns;
    }

    /// With what was said about the file or, where a column does not show it, with what the others all do.
    private Column decided(Column column, List<Column> all) {
        DateOrder order = column.dateOrder();
        if (overrides.dateOrder() != null && order != DateOrder.YEAR_FIRST && column.dates() > 0) {
            order = overrides.dateOrder();
        } else if (column.ambiguousDates()) {
            order = orderOfOthers(column, all);
        }
        DecimalMark mark = overrides.decimalMark() == null ? column.decimalMark() : overrides.decimalMark();
        if (column.ambiguousDecimals() && mark == null) {
            mark = markOfOthers(column, all);
        }
        return column.with(order, mark);
    }

    private @Nullable DateOrder orderOfOthers(Column column, List<Column> all) {
        DateOrder order = null;
        for (Column other : all) {
            boolean alike = column.datePattern() != null && column.datePattern().equals(dayFirst(other));
            if (alike && other.dateOrder() != null) {
                if (order != null && order != other.dateOrder()) {
                    return null;
                }
                order = other.dateOrder();
            }
        }
        if (order != null) {
            warn("date_order_of_others", 0, "the dates in '" + column.name() + "' are read as those in other columns");
        }
        return order;
    }

    private static @Nullable String dayFirst(Column column) {
        String pattern = column.datePattern();
        return pattern != null && pattern.startsWith("MM")
                ? "dd" + pattern.charAt(2) + "MM" + pattern.substring(5)
                : pattern;
    }

    private @Nullable DecimalMark markOfOthers(Column column, List<Column> all) {
        DecimalMark mark = null;
        for (Column other : all) {
            if (other.index() != column.index() && other.decimalMark() != null && other.numbers() > 0) {
                if (mark != null && mark != other.decimalMark()) {
                    return null;
                }
                mark = other.decimalMark();
            }
        }
        if (mark != null) {
            warn(
                    "decimal_mark_of_others",
                    0,
                    "the numbers in '" + column.name() + "' are read as those in other columns");
        }
        return mark;
    }

    private void warn(String code, long line, String message) {
        warnings.add(new Warning(code, message, line));
    }
}
