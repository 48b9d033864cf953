package dev.sluice.csv;

/// In which order a date names its parts where they are all numbers. A year of four digits in front, and a month that
/// is written out, say it by themselves.
public enum DateOrder {
    YEAR_FIRST,
    DAY_FIRST,
    MONTH_FIRST
}
