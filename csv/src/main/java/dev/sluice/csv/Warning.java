package dev.sluice.csv;

/// Something about a file that a person should know before its rows are used.
///
/// @param code stable, in snake case
/// @param line where it shows first, from 1; 0: it is about the whole
public record Warning(String code, String message, long line) {
    public Warning(String code, String message) {
        this(code, message, 0);
    }
}
