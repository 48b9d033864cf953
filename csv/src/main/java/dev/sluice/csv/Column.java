package dev.sluice.csv;

import org.jspecify.annotations.Nullable;

/// What one column holds, counted over all records that have as many fields as the table has columns.
///
/// @param index from 0
/// @param name as the header says it, without spaces around; `column 3` where it says nothing
/// @param currencies how many texts are codes of ISO 4217
/// @param ibans how many texts look like an IBAN
/// @param negatives how many numbers are below zero, by whichever sign
/// @param dateOrder null: no date needs it, or it cannot be told
/// @param ambiguousDates whether dates would be other dates in another order, and nothing shows which is meant
/// @param datePattern of the first of the dates, such as `dd.MM.yyyy`; null: no dates
/// @param decimalMark null: no number needs it, or it cannot be told
/// @param ambiguousDecimals whether numbers such as `1.234` are all that there is, and nothing shows what is meant
/// @param longest characters in the longest field
/// @param varied whether not all fields that hold something hold the same
public record Column(
        int index,
        String name,
        ColumnType type,
        long empty,
        long dates,
        long numbers,
        long texts,
        long currencies,
        long ibans,
        long negatives,
        @Nullable DateOrder dateOrder,
        boolean ambiguousDates,
        @Nullable String datePattern,
        @Nullable DecimalMark decimalMark,
        boolean ambiguousDecimals,
        int longest,
        boolean varied) {

    /// How many fields hold something.
    public long filled() {
        return dates + numbers + texts;
    }

    Column with(@Nullable DateOrder order, @Nullable DecimalMark mark) {
        return new Column(
                index,
                name,
                type,
                empty,
                dates,
                numbers,
                texts,
                currencies,
                ibans,
                negatives,
                order,
                ambiguousDates && order == null,
                datePattern,
                mark,
                ambiguousDecimals && mark == null,
                longest,
                varied);
    }
}
