package dev.sluice.csv;

import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads dates in one order: `2026-01-31`, `20260131`, `31.01.2026`, `31/1/26`, `31 Jan 2026`, `January 31, 2026`, with
/// or without a time of day, which is left out. Years of two digits are 1969 to 2068. Used by one thread.
public final class DateReading {
    private final DateScan scan = new DateScan();
    private final @Nullable DateOrder order;
    private long epochDay;

    /// @param order of dates that are three numbers; null: there are to be none such
    public DateReading(@Nullable DateOrder order) {
        this.order = order;
    }

    /// Whether there is a date from `from` to before `to`; then [#epochDay] is its day.
    public boolean read(char[] text, int from, int to) {
        switch (scan.scan(text, from, to)) {
            case NONE -> {
                return false;
            }
            case YEAR_FIRST, COMPACT, NAMED -> {}
            case THREE_NUMBERS -> {
                if (order == null || order == DateOrder.YEAR_FIRST) {
                    return false;
                }
                boolean dayFirst = order == DateOrder.DAY_FIRST;
                scan.day = dayFirst ? scan.first : scan.second;
                scan.month = dayFirst ? scan.second : scan.first;
                if (!DateScan.possible(scan.year, scan.month, scan.day)) {
                    return false;
                }
            }
        }
        epochDay = LocalDate.of(scan.year, scan.month, scan.day).toEpochDay();
        return true;
    }

    /// Days since 1970 of what was read last.
    public long epochDay() {
        return epochDay;
    }

    /// Where the date ends that was read last: behind it, up to the end, stands nothing or a time of day.
    int rest() {
        return scan.rest;
    }

    public Optional<LocalDate> read(String text) {
        return read(text.toCharArray(), 0, text.length())
                ? Optional.of(LocalDate.ofEpochDay(epochDay))
                : Optional.empty();
    }
}
