package dev.sluice.csv;

/// As what the values of a column can be kept.
public enum ColumnType {
    TEXT,
    /// Fits a `long`; what begins with a zero, as an article number does, is text.
    INTEGER,
    DECIMAL,
    DATE,
    /// A day and a time of it.
    TIMESTAMP,
    BOOLEAN
}
