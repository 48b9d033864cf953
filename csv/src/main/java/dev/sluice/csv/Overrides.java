package dev.sluice.csv;

import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/// What somebody has said about a file, and what is therefore not looked for in it. Null: find it.
///
/// @param quote [Dialect#NO_QUOTE] for none
/// @param skipLines lines before the header or, where there is none, before the first record
/// @param header whether the first record names the columns
/// @param dateOrder of all columns
/// @param decimalMark of all columns
public record Overrides(
        @Nullable Charset encoding,
        @Nullable Character delimiter,
        @Nullable Character quote,
        @Nullable Integer skipLines,
        @Nullable Boolean header,
        @Nullable DateOrder dateOrder,
        @Nullable DecimalMark decimalMark) {
    public static final Overrides NONE = new Overrides(null, null, null, null, null, null, null);

    public Overrides {
        if (encoding != null
                && (encoding.name().startsWith("UTF-32") || encoding.name().equals("UTF-16"))) {
            throw new IllegalArgumentException(
                    encoding.name() + " cannot be read; UTF-16LE, UTF-16BE, UTF-8 and what has ASCII within can");
        }
        if (skipLines != null && skipLines < 0) {
            throw new IllegalArgumentException("skipLines is negative: " + skipLines);
        }
    }

    public Overrides withEncoding(Charset encoding) {
        return new Overrides(encoding, delimiter, quote, skipLines, header, dateOrder, decimalMark);
    }

    public Overrides withDelimiter(char delimiter) {
        return new Overrides(encoding, delimiter, quote, skipLines, header, dateOrder, decimalMark);
    }

    public Overrides withQuote(char quote) {
        return new Overrides(encoding, delimiter, quote, skipLines, header, dateOrder, decimalMark);
    }

    public Overrides withSkipLines(int skipLines) {
        return new Overrides(encoding, delimiter, quote, skipLines, header, dateOrder, decimalMark);
    }

    public Overrides withHeader(boolean header) {
        return new Overrides(encoding, delimiter, quote, skipLines, header, dateOrder, decimalMark);
    }

    public Overrides withDateOrder(DateOrder dateOrder) {
        return new Overrides(encoding, delimiter, quote, skipLines, header, dateOrder, decimalMark);
    }

    public Overrides withDecimalMark(DecimalMark decimalMark) {
        return new Overrides(encoding, delimiter, quote, skipLines, header, dateOrder, decimalMark);
    }
}
