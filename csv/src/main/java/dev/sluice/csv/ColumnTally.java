package dev.sluice.csv;

import dev.sluice.csv.DateScan.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Counts what the fields of one column are, and what they show of date order and decimal mark. Used by one thread.
final class ColumnTally {
    private static final int SHORTEST_IBAN = 15;
    private static final int LONGEST_IBAN = 42;
    /// Of what is filled: a column with more than a fifth of something else is text.
    private static final int MOST_OF_FIVE = 4;
    private static final int LONGEST_INTEGER = 18;

    private final DateScan date;
    private final NumberScan number;

    private long empty;
    private long dates;
    private long times;
    private long compact;
    private long numbers;
    private long texts;
    private long currencies;
    private long ibans;
    private long booleans;
    private long negatives;
    private long identifiers;
    private int longest;
    private char @Nullable [] first;
    private boolean varied;

    private long threeNumbers;
    private long firstIsDay;
    private long secondIsDay;
    private long orderMatters;
    private final Trend dayFirst = new Trend();
    private final Trend monthFirst = new Trend();
    private @Nullable String pattern;

    private long points;
    private long commas;
    private long decimals;

    ColumnTally(DateScan date, NumberScan number) {
        this.date = date;
        this.number = number;
    }

    /// Whether days go one way only, up or down.
    private static final class Trend {
        private int last;
        private long ups;
        private long downs;

        void add(int day) {
            if (last != 0) {
                if (day > last) {
                    ups++;
                } else if (day < last) {
                    downs++;
                }
            }
            last = day;
        }

        boolean steady() {
            return ups == 0 || downs == 0;
        }

        long steps() {
            return ups + downs;
        }
    }

    /// @return whether it is a date
    boolean add(char[] text, int from, int to) {
        if (from == to) {
            empty++;
            return false;
        }
        longest = Math.max(longest, to - from);
        if (!varied) {
            compareWithFirst(text, from, to);
        }
        if (!Digits.within(text, from, to)) {
            texts++;
            addWord(text, from, to);
            return false;
        }
        Shape shape = date.scan(text, from, to);
        if (shape == Shape.COMPACT) {
            compact++;
        } else if (shape != Shape.NONE) {
            dates++;
            times += date.rest < to ? 1 : 0;
            addDate(shape);
            return true;
        }
        if (number.scan(text, from, to)) {
            numbers++;
            addNumber();
            return shape == Shape.COMPACT;
        }
        if (shape == Shape.COMPACT) {
            compact--;
            dates++;
            times++;
            addDate(shape);
            return true;
        }
        texts++;
        int length = to - from;
        if (length >= SHORTEST_IBAN && length <= LONGEST_IBAN && isIban(text, from, to)) {
            ibans++;
        }
        return false;
    }

    private void compareWithFirst(char[] text, int from, int to) {
        if (first == null) {
            first = Arrays.copyOfRange(text, from, to);
        } else {
            varied = !Arrays.equals(first, 0, first.length, text, from, to);
        }
    }

    private void addDate(Shape shape) {
        if (pattern == null) {
            pattern = date.pattern(shape, DateOrder.DAY_FIRST);
        }
        if (shape != Shape.THREE_NUMBERS) {
            return;
        }
        threeNumbers++;
        if (date.first > 12) {
            firstIsDay++;
        } else if (date.second > 12) {
            secondIsDay++;
        } else if (date.first != date.second) {
            orderMatters++;
        }
        dayFirst.add((date.year * 12 + date.second) * 31 + date.first);
        monthFirst.add((date.year * 12 + date.first) * 31 + date.second);
    }

    private void addNumber() {
        if (number.negative) {
            negatives++;
        }
        boolean point = number.fits(DecimalMark.POINT);
        boolean comma = number.fits(DecimalMark.COMMA);
        if (!number.marked) {
            int digits = number.to - number.from;
            if ((digits > 1 && number.text[number.from] == '0') || digits > LONGEST_INTEGER) {
                identifiers++;
            }
            return;
        }
        decimals++;
        if (point != comma) {
            points += point ? 1 : 0;
            commas += comma ? 1 : 0;
        }
    }

    private void addWord(char[] text, int from, int to) {
        if (to - from == 3 && Currencies.isCode(text[from], text[from + 1], text[from + 2])) {
            currencies++;
        } else if (Truth.of(text, from, to) != Truth.NEITHER) {
            booleans++;
        }
    }

    private static boolean isIban(char[] text, int from, int to) {
        int letters = 0;
        for (int i = from; i < to; i++) {
            char c = text[i];
            int at = i - from;
            boolean digit = c >= '0' && c <= '9';
            boolean letter = c >= 'A' && c <= 'Z';
            if (!(at < 2 ? letter : at < 4 ? digit : digit || letter || c == ' ')) {
                return false;
            }
            letters += digit ? 0 : 1;
        }
        return letters <= (to - from) / 2;
    }

    private boolean mostAre(long some) {
        long filled = dates + numbers + texts;
        return filled > 0 && 5 * some >= MOST_OF_FIVE * filled;
    }

    /// Whether most of what is here are dates.
    boolean holdsDates() {
        return mostAre(dates) || (compact > 0 && compact == numbers && mostAre(dates + compact));
    }

    /// Whether there are more dates than anything else: what a footer may leave of a short column of dates.
    boolean mayHoldDates() {
        return holdsDates() || (dates > 0 && dates >= numbers + texts);
    }

    private boolean mayHoldNumbers() {
        return !holdsDates() && numbers > 0 && numbers >= dates + texts;
    }

    Column column(int index, String name) {
        boolean compactDates = holdsDates() && !mostAre(dates);
        long allDates = compactDates ? dates + compact : dates;
        long allNumbers = compactDates ? numbers - compact : numbers;
        DateOrder order = order();
        DecimalMark mark = mark();
        return new Column(
                index,
                name,
                type(),
                empty,
                allDates,
                allNumbers,
                texts,
                currencies,
                ibans,
                negatives,
                order,
                mayHoldDates() && threeNumbers > 0 && order == null,
                compactDates ? "yyyyMMdd" : pattern(order),
                mark,
                mayHoldNumbers() && decimals > 0 && mark == null,
                longest,
                varied);
    }

    private ColumnType type() {
        if (holdsDates()) {
            boolean all = texts == 0 && (numbers == 0 || numbers == compact);
            return !all ? ColumnType.TEXT : times > 0 ? ColumnType.TIMESTAMP : ColumnType.DATE;
        }
        if (texts == 0 && numbers > 0 && dates == 0) {
            if (decimals > 0) {
                return ColumnType.DECIMAL;
            }
            return identifiers > 0 ? ColumnType.TEXT : ColumnType.INTEGER;
        }
        return booleans > 0 && booleans == texts && numbers + dates == 0 ? ColumnType.BOOLEAN : ColumnType.TEXT;
    }

    private @Nullable String pattern(@Nullable DateOrder order) {
        if (pattern == null || !pattern.startsWith("dd") || order != DateOrder.MONTH_FIRST) {
            return pattern;
        }
        char between = pattern.charAt(2);
        return "MM" + between + "dd" + pattern.substring(5);
    }

    /// Null: nothing shows it.
    private @Nullable DateOrder order() {
        if (threeNumbers == 0) {
            return dates > 0 || holdsDates() ? DateOrder.YEAR_FIRST : null;
        }
        if (firstIsDay > 0 || secondIsDay > 0) {
            return clearly(firstIsDay, secondIsDay)
                    ? DateOrder.DAY_FIRST
                    : clearly(secondIsDay, firstIsDay) ? DateOrder.MONTH_FIRST : null;
        }
        boolean dotted = pattern != null && pattern.startsWith("dd.");
        if (orderMatters == 0 || dotted) {
            return DateOrder.DAY_FIRST;
        }
        if (dayFirst.steady() != monthFirst.steady() && Math.min(dayFirst.steps(), monthFirst.steps()) >= 3) {
            return dayFirst.steady() ? DateOrder.DAY_FIRST : DateOrder.MONTH_FIRST;
        }
        return null;
    }

    private @Nullable DecimalMark mark() {
        if (clearly(points, commas)) {
            return DecimalMark.POINT;
        }
        return clearly(commas, points) ? DecimalMark.COMMA : null;
    }

    /// The few that say otherwise are mistakes: their records are rejected.
    private static boolean clearly(long some, long others) {
        return some > 0 && some >= 10 * others;
    }

    /// How many fields contradict what the column was found to be.
    long contradictions() {
        long orders = mayHoldDates() ? Math.min(firstIsDay, secondIsDay) : 0;
        return orders + (mayHoldNumbers() ? Math.min(points, commas) : 0);
    }
}
