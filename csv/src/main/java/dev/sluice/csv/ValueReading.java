package dev.sluice.csv;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;

/// Reads the fields of a column as values of one type: a `String`, `Long`, [BigDecimal], [LocalDate],
/// [java.time.Instant] or `Boolean`. Used by one thread.
public final class ValueReading {
    private final ColumnType type;
    private final DateReading dates;
    private final TimestampReading times;
    private final MoneyReading numbers;

    /// @param type as what the column is to be kept, which need not be what it was proposed to be
    /// @param column whose date order and decimal mark count
    /// @param zone of times that name no offset of their own
    public ValueReading(ColumnType type, Column column, ZoneId zone) {
        this.type = type;
        dates = new DateReading(column.dateOrder());
        times = new TimestampReading(column.dateOrder(), zone);
        numbers = new MoneyReading(column.decimalMark());
    }

    /// The value of a field that is not blank; empty: it is none of this type.
    public Optional<Object> read(CsvRow row, int field) {
        int from = row.from(field);
        int to = row.to(field);
        char[] text = row.chars();
        return switch (type) {
            case TEXT -> Optional.of(row.text(field));
            case INTEGER -> numbers.number(text, from, to).flatMap(ValueReading::whole);
            case DECIMAL -> numbers.number(text, from, to).map(number -> number);
            case DATE ->
                dates.read(text, from, to) ? Optional.of(LocalDate.ofEpochDay(dates.epochDay())) : Optional.empty();
            case TIMESTAMP -> times.read(text, from, to).map(time -> time);
            case BOOLEAN -> truth(row.text(field));
        };
    }

    private static Optional<Object> whole(BigDecimal number) {
        try {
            return Optional.of(number.longValueExact());
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> truth(String word) {
        return switch (Truth.of(word)) {
            case YES -> Optional.of(true);
            case NO -> Optional.of(false);
            case NEITHER ->
                word.equals("1") ? Optional.of(true) : word.equals("0") ? Optional.of(false) : Optional.empty();
        };
    }
}
