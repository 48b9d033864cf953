package dev.sluice.csv;

/// Sees whether a field is a date, and its parts. Filled again and again, used by one thread.
final class DateScan {
    private static final int SHORTEST = 6;
    private static final int LONGEST = 40;
    private static final int FIRST_YEAR = 1900;
    private static final int LAST_YEAR = 2199;
    /// Two digits below it are of this century, as POSIX has it.
    private static final int PIVOT = 69;

    enum Shape {
        NONE,
        /// `2026-01-31`: [#year], [#month], [#day]
        YEAR_FIRST,
        /// `20260131`, which may be a number as well
        COMPACT,
        /// `31 Jan 2026`
        NAMED,
        /// `01/02/2026`: [#first], [#second], [#year]
        THREE_NUMBERS
    }

    int year;
    int month;
    int day;
    int first;
    int second;
    char separator;
    boolean shortYear;
    /// Behind the date: where a time of day may begin.
    int rest;

    private char[] text = {};
    private int at;
    private int end;
    private int digits;

    Shape scan(char[] chars, int from, int to) {
        if (to - from < SHORTEST || to - from > LONGEST) {
            return Shape.NONE;
        }
        text = chars;
        at = from;
        end = to;
        char c = chars[from];
        if (c >= '0' && c <= '9') {
            return numberFirst();
        }
        return endsAsDate(chars[to - 1]) && Character.isLetter(c) ? monthFirst() : Shape.NONE;
    }

    /// With a year, or a time of day.
    private static boolean endsAsDate(char last) {
        return (last >= '0' && last <= '9') || last == 'M' || last == 'm' || last == 'Z' || last == '.';
    }

    private Shape numberFirst() {
        int number = number();
        if (digits == 8) {
            return compact(number);
        }
        if (digits == 4) {
            return yearFirst(number);
        }
        if (digits > 2 || at == end) {
            return Shape.NONE;
        }
        separator = text[at];
        boolean separated = separator == '.' || separator == '/' || separator == '-' || separator == ' ';
        if (separated) {
            at++;
            skipSpaces();
            if (at < end && text[at] >= '0' && text[at] <= '9') {
                return threeNumbers(number);
            }
        }
        return dayAndName(number);
    }

    private Shape compact(int number) {
        year = number / 10_000;
        month = number / 100 % 100;
        day = number % 100;
        return possible() && rest() ? Shape.COMPACT : Shape.NONE;
    }

    private Shape yearFirst(int number) {
        year = number;
        if (at == end) {
            return Shape.NONE;
        }
        separator = text[at];
        if (separator != '-' && separator != '/' && separator != '.') {
            return Shape.NONE;
        }
        at++;
        month = number();
        if (digits < 1 || digits > 2 || at == end || text[at] != separator) {
            return Shape.NONE;
        }
        at++;
        day = number();
        return digits >= 1 && digits <= 2 && possible() && rest() ? Shape.YEAR_FIRST : Shape.NONE;
    }

    private Shape threeNumbers(int number) {
        first = number;
        second = number();
        if (digits > 2 || at == end || text[at] != separator) {
            return Shape.NONE;
        }
        at++;
        skipSpaces();
        return year()
                        && first >= 1
                        && second >= 1
                        && Math.max(first, second) <= 31
                        && Math.min(first, second) <= 12
                        && rest()
                ? Shape.THREE_NUMBERS
                : Shape.NONE;
    }

    private Shape dayAndName(int number) {
        day = number;
        month = name();
        return month > 0 && year() && possible() && rest() ? Shape.NAMED : Shape.NONE;
    }

    private Shape monthFirst() {
        month = name();
        if (month == 0) {
            return Shape.NONE;
        }
        day = number();
        if (digits < 1 || digits > 2) {
            return Shape.NONE;
        }
        skipBetween();
        return year() && possible() && rest() ? Shape.NAMED : Shape.NONE;
    }

    /// The month that is named here, 0 where none is; passes over `de`, as in `3 de enero de 2026`.
    private int name() {
        int found = 0;
        while (at < end) {
            skipBetween();
            int from = at;
            while (at < end && Character.isLetter(text[at])) {
                at++;
            }
            if (at == from) {
                return found;
            }
            boolean of = at - from == 2 && text[from] == 'd' && text[from + 1] == 'e';
            if (!of) {
                int named = Months.of(text, from, at);
                if (named == 0 || found != 0) {
                    return 0;
                }
                found = named;
            }
        }
        return found;
    }

    private boolean year() {
        year = number();
        shortYear = digits == 2;
        if (shortYear) {
            year += year < PIVOT ? 2000 : 1900;
        }
        return digits == 2 || digits == 4;
    }

    private int number() {
        int from = at;
        int number = 0;
        while (at < end && text[at] >= '0' && text[at] <= '9' && at - from < 9) {
            number = 10 * number + text[at++] - '0';
        }
        digits = at - from;
        return number;
    }

    private void skipSpaces() {
        while (at < end && text[at] == ' ') {
            at++;
        }
    }

    private void skipBetween() {
        while (at < end
                && (text[at] == ' ' || text[at] == '.' || text[at] == ',' || text[at] == '-' || text[at] == '/')) {
            at++;
        }
    }

    private boolean possible() {
        return possible(year, month, day);
    }

    static boolean possible(int year, int month, int day) {
        return year >= FIRST_YEAR
                && year <= LAST_YEAR
                && month >= 1
                && month <= 12
                && day >= 1
                && day <= daysOf(year, month);
    }

    private static int daysOf(int year, int month) {
        return switch (month) {
            case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    /// Whether what is left is nothing, or a time of day.
    private boolean rest() {
        rest = at;
        if (at == end) {
            return true;
        }
        char c = text[at];
        if (c != 'T' && c != ' ' && c != ',' && c != '-') {
            return false;
        }
        boolean colon = false;
        for (int i = at + 1; i < end; i++) {
            char t = text[i];
            colon |= t == ':';
            boolean known = (t >= '0' && t <= ':') || " .,+-TZAPMapm\u00a0\u202f".indexOf(t) >= 0;
            if (!known) {
                return false;
            }
        }
        return colon;
    }

    /// `dd.MM.yyyy` and the like, of what was scanned last.
    String pattern(Shape shape, DateOrder order) {
        String years = shortYear ? "yy" : "yyyy";
        return switch (shape) {
            case NONE -> "";
            case COMPACT -> "yyyyMMdd";
            case NAMED -> "d MMM " + years;
            case YEAR_FIRST -> "yyyy" + separator + "MM" + separator + "dd";
            case THREE_NUMBERS ->
                order == DateOrder.MONTH_FIRST
                        ? "MM" + separator + "dd" + separator + years
                        : "dd" + separator + "MM" + separator + years;
        };
    }
}
