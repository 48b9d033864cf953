package dev.sluice.csv;

/// How fields are kept apart.
///
/// @param quote what a field that holds delimiters or line breaks stands between, or [#NO_QUOTE]
/// @param escape how a quote within such a field is written
/// @param lenient whether text after a closing quote belongs to the field, as in `"a" b`, rather than being wrong
public record Dialect(char delimiter, char quote, Escape escape, boolean lenient) {
    /// In no file: a noncharacter of Unicode.
    public static final char NO_QUOTE = '\uffff';

    /// How a quote is written within quotes.
    public enum Escape {
        /// `""`
        DOUBLED,
        /// `\"`
        BACKSLASH
    }

    public Dialect {
        if (delimiter == quote || delimiter == '\n' || delimiter == '\r' || quote == '\n' || quote == '\r') {
            throw new IllegalArgumentException("the delimiter, the quote and the line end are not all different");
        }
    }

    public Dialect(char delimiter) {
        this(delimiter, '"', Escape.DOUBLED, false);
    }

    Dialect lenient(boolean be) {
        return new Dialect(delimiter, quote, escape, be);
    }

    /// The delimiter as a word in a sentence.
    static String named(char delimiter) {
        return delimiter == '\t' ? "tab" : "'" + delimiter + "'";
    }
}
